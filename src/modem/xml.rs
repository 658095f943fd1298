//! Leaves of small XML answers: SOAP, the login and the description of a FRITZ!Box. Nothing here needs
//! a tree; names are unique in these answers, whatever their prefix.

/// The text of the first element of this name, whatever prefix it bears; entities resolved. `None`
/// where there is none or it is not closed.
pub(in crate::modem) fn element(text: &str, name: &str) -> Option<String> {
    let mut rest = text;
    loop {
        let (_, after) = rest.split_once('<')?;
        rest = after;
        let (tag, after) = rest.split_once('>')?;
        let own = tag.split([' ', '\t', '\r', '\n', '/']).next().unwrap_or_default();
        if own.rsplit(':').next() != Some(name) || own.is_empty() {
            continue;
        }
        if tag.ends_with('/') {
            return Some(String::new());
        }
        let inner = after.split_once(&format!("</{own}"))?.0.trim();
        let inner = inner.strip_prefix("<![CDATA[").and_then(|text| text.strip_suffix("]]>"));
        let whole = || after.split_once(&format!("</{own}")).map_or("", |(inner, _)| inner);
        return Some(inner.map_or_else(|| unescaped(whole().trim()), str::to_owned));
    }
}

/// With the entities of XML and numbers of characters resolved; others stay as they are.
fn unescaped(text: &str) -> String {
    let mut pieces = text.split('&');
    let mut resolved = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let found =
            piece.split_once(';').and_then(|(entity, after)| Some((char_of(entity)?, after)));
        let (character, after) = found.unwrap_or(('&', piece));
        resolved.push(character);
        resolved.push_str(after);
    }
    resolved
}

fn char_of(entity: &str) -> Option<char> {
    Some(match entity {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = entity.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_are_found_whatever_their_prefix() {
        let text = "<?xml version=\"1.0\"?><s:Body><u:R xmlns:u=\"x\"><NewUpTime>12</NewUpTime>\
                    <j:Name a=\"1\"> FRITZ!Box &amp; &#228; &#xe4; &no; & </j:Name><E/>\
                    <T><![CDATA[a<b&amp;]]></T></u:R></s:Body>";
        assert_eq!(element(text, "NewUpTime").as_deref(), Some("12"));
        assert_eq!(element(text, "Name").as_deref(), Some("FRITZ!Box & \u{e4} \u{e4} &no; &"));
        assert_eq!(element(text, "E").as_deref(), Some(""));
        assert_eq!(element(text, "T").as_deref(), Some("a<b&amp;"));
        for (text, name) in [(text, "UpTime"), ("<a>", "a"), ("<a", "a"), ("", "a"), ("<>", "")] {
            assert_eq!(element(text, name), None, "{text} {name}");
        }
    }
}
