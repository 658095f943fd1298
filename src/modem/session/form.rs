//! The form of a login page: where it is sent, and the fields that go with the password.

use super::hashes::url_encoded;

/// A form.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct LoginForm {
    /// Where it is sent.
    pub(super) action: Option<String>,
    fields: Vec<FormField>,
}

#[derive(Debug, PartialEq, Eq)]
struct FormField {
    name: String,
    value: String,
    is_password: bool,
}

impl LoginForm {
    /// The first form of a page with its fields, those outside of it, too: some pages have the field
    /// that proves where a form came from elsewhere.
    pub(super) fn find(page: &str) -> Option<Self> {
        let mut form = None;
        let mut fields = Vec::new();
        for tag in tags(page) {
            let word =
                tag.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
            if word.eq_ignore_ascii_case("form") && form.is_none() {
                form = Some(attribute(tag, "action"));
            } else if word.eq_ignore_ascii_case("input") {
                let kind = attribute(tag, "type").unwrap_or_default().to_ascii_lowercase();
                let Some(name) = attribute(tag, "name").filter(|name| !name.is_empty()) else {
                    continue;
                };
                if !matches!(kind.as_str(), "submit" | "button" | "image" | "reset") {
                    let value = attribute(tag, "value").unwrap_or_default();
                    fields.push(FormField { name, value, is_password: kind == "password" });
                }
            }
        }
        form.map(|action| Self { action: action.filter(|a| !a.is_empty()), fields })
    }

    /// Whether it asks for a password.
    pub(super) fn has_password(&self) -> bool {
        self.fields.iter().any(|field| field.is_password)
    }

    /// Fills in user and password: by the names that are usual for the modem, else by what the fields
    /// are.
    pub(super) fn fill(&mut self, names: [&str; 2], user: &str, password: &str) {
        let [user_name, password_name] = names;
        self.set(user_name, user, |f| {
            !f.is_password && f.name.to_ascii_lowercase().contains("user")
        });
        self.set(password_name, password, |field| field.is_password);
    }

    fn set(&mut self, name: &str, value: &str, other: impl Fn(&FormField) -> bool) {
        let at = self.fields.iter().position(|field| field.name == name);
        match at.or_else(|| self.fields.iter().position(other)) {
            Some(at) => value.clone_into(&mut self.fields[at].value),
            None => self.fields.push(FormField {
                name: name.to_owned(),
                value: value.to_owned(),
                is_password: false,
            }),
        }
    }

    /// As it is posted.
    pub(super) fn encoded(&self) -> String {
        let pairs = self.fields.iter();
        let pairs = pairs.map(|f| format!("{}={}", url_encoded(&f.name), url_encoded(&f.value)));
        pairs.collect::<Vec<_>>().join("&")
    }
}

/// What is between `<` and `>`.
fn tags(page: &str) -> impl Iterator<Item = &str> {
    page.split('<').skip(1).filter_map(|piece| piece.split('>').next())
}

/// The value of an attribute, in quotes of either kind or none.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let lower = tag.to_ascii_lowercase();
    let mut from = 0;
    loop {
        let at = from + lower.get(from..)?.find(name)?;
        let begins =
            tag[..at].ends_with(|c: char| c.is_ascii_whitespace() || c == '"' || c == '\'');
        let after = tag[at + name.len()..].trim_start();
        if let Some(value) = after.strip_prefix('=').filter(|_| begins) {
            let value = value.trim_start();
            return Some(match value.chars().next() {
                Some(quote @ ('"' | '\'')) => {
                    value[1..].split(quote).next().unwrap_or_default().to_owned()
                }
                _ => value.split_whitespace().next().unwrap_or_default().to_owned(),
            });
        }
        from = at + name.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_found_with_its_hidden_fields_and_filled() {
        let page = r#"<html><FORM method=post ACTION="/goform/Login?id=7" name=x>
            <input type="hidden" name='webToken' value="a&b"/><input name=loginUsername value=>
            <INPUT TYPE=password NAME="loginPassword"><input type=submit name=go value=Go></form>"#;
        let mut form = LoginForm::find(page).unwrap();
        assert!(form.has_password());
        assert_eq!(form.action.as_deref(), Some("/goform/Login?id=7"));
        form.fill(["loginName", "loginPassword"], "admin", "p w");
        assert_eq!(form.encoded(), "webToken=a%26b&loginUsername=admin&loginPassword=p%20w");
    }

    #[test]
    fn what_is_no_form_is_none_and_a_bare_one_is_filled_by_the_usual_names() {
        assert_eq!(LoginForm::find("<p>no form</p>"), None);
        assert_eq!(LoginForm::find(""), None);
        let mut bare = LoginForm::find("<form <input nameless=\"x\">").unwrap();
        bare.fill(["u", "p"], "a", "b");
        assert_eq!(bare.encoded(), "u=a&p=b");
    }
}
