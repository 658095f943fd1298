//! Values of alerts by HTTP and by a program. What may be a secret is in no error.

use toml::Spanned;
use toml::de::DeValue;

use super::super::HeaderField;
use super::{Valid, string};
use crate::vocabulary::{Secret, Url};

/// A URL.
pub(in crate::config) fn secret_address(value: &DeValue<'_>) -> Valid<Secret> {
    let text = string("a URL in quotes such as \"https://ntfy.example/topic\"", value)?;
    match text.parse::<Url>() {
        Ok(_) => Ok(Secret::new(text.to_owned())),
        Err(_) => Err("this is no URL such as \"https://ntfy.example/topic\"".to_owned()),
    }
}

/// Fields of a request's head: `["X-Api-Key: abc"]`.
pub(in crate::config) fn headers(value: &DeValue<'_>) -> Valid<Vec<HeaderField>> {
    const MOST: usize = 20;
    // What linkmon itself has to say of a request.
    const OURS: [&str; 4] = ["host", "content-length", "connection", "transfer-encoding"];
    let one = |text: &str| {
        let field = HeaderField::parse(text)
            .ok_or("a field is a name, a colon and a value in ASCII, such as \"X-Api-Key: abc\"")?;
        match OURS.iter().find(|ours| field.name.eq_ignore_ascii_case(ours)) {
            Some(ours) => Err(format!("linkmon itself writes the field {ours}")),
            None => Ok(field),
        }
    };
    list(value, "a list of fields such as [\"X-Api-Key: abc\"]", MOST, one)
}

/// A program and its arguments.
pub(in crate::config) fn program(value: &DeValue<'_>) -> Valid<Vec<String>> {
    const MOST: usize = 100;
    let one = |text: &str| {
        if text.contains('\0') {
            return Err("an argument holds no character 0".to_owned());
        }
        Ok(text.to_owned())
    };
    let words = list(value, "a list such as [\"/usr/local/bin/tell\", \"--urgent\"]", MOST, one)?;
    match words.first() {
        // The service's own PATH is not that of the one who tries it in a shell.
        Some(program) if !program.starts_with('/') => Err(format!(
            "\"{}\" is not an absolute path: it must start with /",
            program.escape_debug()
        )),
        _ => Ok(words),
    }
}

/// The text of a template; what it means is looked at with its content-type.
pub(in crate::config) fn template(value: &DeValue<'_>) -> Valid<String> {
    const MOST: usize = 16_000;
    let text = string("a text in quotes", value)?;
    if text.len() > MOST {
        return Err(format!("the text is longer than {MOST} bytes"));
    }
    Ok(text.to_owned())
}

fn list<T>(
    value: &DeValue<'_>,
    wanted: &str,
    most: usize,
    one: impl Fn(&str) -> Valid<T>,
) -> Valid<Vec<T>> {
    let DeValue::Array(items) = value else {
        return Err(format!("expected {wanted}, found a {}", value.type_str()));
    };
    if items.len() > most {
        return Err(format!("more than {most} of them"));
    }
    let each = |item: &Spanned<DeValue<'_>>| one(string("a text in quotes", item.get_ref())?);
    items.iter().map(each).collect()
}
