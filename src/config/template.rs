//! Templates of webhooks: a body with `{{key}}` and the like in it.

/// The fields of a template, as docs/alerts.md explains them.
const FIELDS: [&str; 18] = [
    "key",
    "thread",
    "event",
    "site",
    "isp",
    "line",
    "host",
    "at",
    "onset",
    "end",
    "min_s",
    "max_s",
    "place",
    "target",
    "count_today",
    "late_s",
    "title",
    "text",
];

/// A piece of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TemplatePiece<'a> {
    /// As it stands.
    Text(&'a str),
    /// `{{name}}`: the value, escaped; nothing where there is none.
    Field(&'a str),
    /// `{{name|json}}`: the value as JSON, with its quotes; `null` where there is none.
    Json(&'a str),
}

/// What is wrong with a template, in a sentence; `None`: nothing.
pub(super) fn trouble_of(template: &str, content_type: Option<&str>) -> Option<String> {
    let pieces = match pieces(template) {
        Ok(pieces) => pieces,
        Err(why) => return Some(why),
    };
    if is_json(content_type) {
        let filled = |piece: &TemplatePiece<'_>| match *piece {
            TemplatePiece::Text(text) => text.to_owned(),
            // Neither is right where the other belongs.
            TemplatePiece::Field(_) => "a".to_owned(),
            TemplatePiece::Json(_) => "\"a\"".to_owned(),
        };
        let tried: String = pieces.iter().map(filled).collect();
        if serde_json::from_str::<serde::de::IgnoredAny>(&tried).is_err() {
            return Some(
                "with its fields filled in, it is not JSON: write \"{{title}}\" with quotes, or \
                 {{title|json}} without; or give its content-type"
                    .to_owned(),
            );
        }
    }
    None
}

/// Whether a body of this type is JSON, as it is without one.
pub(crate) fn is_json(content_type: Option<&str>) -> bool {
    content_type.is_none_or(|kind| kind.contains("json"))
}

/// The pieces of a template.
///
/// # Errors
/// A sentence on what is wrong with it.
pub(crate) fn pieces(template: &str) -> Result<Vec<TemplatePiece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let (inner, behind) = after.split_once("}}").ok_or("a {{ has no }}")?;
        pieces.push(TemplatePiece::Text(before));
        let (name, form) = inner.split_once('|').unwrap_or((inner, ""));
        let (name, form) = (name.trim(), form.trim());
        if !FIELDS.contains(&name) {
            let name = name.escape_debug();
            return Err(format!("it has no field {{{{{name}}}}}: use {}", FIELDS.join(", ")));
        }
        pieces.push(match form {
            "" => TemplatePiece::Field(name),
            "json" => TemplatePiece::Json(name),
            _ => return Err(format!("{{{{{name}|...}}}} knows json alone behind its bar")),
        });
        rest = behind;
    }
    pieces.push(TemplatePiece::Text(rest));
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_refused_with_what_is_wrong_with_it() {
        let trouble = |template: &str| trouble_of(template, None).unwrap_or_default();
        assert_eq!(trouble(r#"{"t": "{{ title }}", "n": {{count_today|json}}}"#), "");
        assert_eq!(trouble(r#"{"t": "{{title"#), "a {{ has no }}");
        assert!(trouble(r#"{"t": "{{tilte}}"}"#).starts_with("it has no field {{tilte}}: use key"));
        assert!(trouble(r#"{"t": "{{title|url}}"}"#).starts_with("{{title|...}} knows json alone"));
        for wrong in
            [r#"{"t": {{title|json}}"#, r#"{"t": {{min_s}}}"#, r#"{"t": "{{title|json}}"}"#]
        {
            assert!(trouble(wrong).starts_with("with its fields filled in"), "{wrong}");
        }
        assert_eq!(trouble_of("title={{title}}", Some("text/plain")), None);
    }
}
