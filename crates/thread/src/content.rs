//! Message text as a closed tree of nodes. There is no HTML anywhere: a view makes one DOM node per node.

/// A piece of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// Words, with characters that could disguise them taken out.
    Text(String),
    /// An address that may be followed; shown exactly as written, so that the eye sees where it goes.
    Link {
        /// Where it goes: `http:`, `https:` or `mailto:`, nothing else.
        href: String,
        /// As written.
        text: String,
    },
    /// A new line.
    Break,
}

/// Parses plain text.
pub fn nodes(text: &str) -> Vec<Node> {
    let mut nodes = Vec::new();
    for (number, line) in text.trim_end().split('\n').enumerate() {
        if number > 0 {
            nodes.push(Node::Break);
        }
        push_line(&mut nodes, &plain(line));
    }
    nodes
}

/// Control characters do not belong in a line; direction overrides and invisible joiners of whole runs can make a
/// text, or a link, read as something it is not.
fn plain(line: &str) -> String {
    let disguise = |c: char| {
        (c.is_control() && c != '\t')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}' | '\u{feff}')
    };
    line.chars().filter(|c| !disguise(*c)).collect()
}

fn push_line(nodes: &mut Vec<Node>, line: &str) {
    let mut plain_from = 0;
    let mut at = 0;
    for word in line.split_inclusive(char::is_whitespace) {
        let (start, end) = trimmed(line, at, at + word.trim_end().len());
        if let Some(href) = href(&line[start..end]) {
            push_text(nodes, &line[plain_from..start]);
            nodes.push(Node::Link { href, text: line[start..end].to_owned() });
            plain_from = end;
        }
        at += word.len();
    }
    push_text(nodes, &line[plain_from..]);
}

fn push_text(nodes: &mut Vec<Node>, text: &str) {
    if !text.is_empty() {
        nodes.push(Node::Text(text.to_owned()));
    }
}

/// The word without the brackets and punctuation around it; a closing bracket stays if it has its opening one.
fn trimmed(line: &str, start: usize, end: usize) -> (usize, usize) {
    let word = &line[start..end];
    let front =
        word.len() - word.trim_start_matches(['(', '[', '{', '<', '"', '\'', '„', '“', '«', '¿', '¡']).len();
    let mut word = &word[front..];
    while let Some(last) = word.chars().next_back() {
        let closes_own = last == ')' && word.matches(')').count() <= word.matches('(').count();
        if closes_own
            || !matches!(
                last,
                '.' | ','
                    | ';'
                    | ':'
                    | '!'
                    | '?'
                    | ')'
                    | ']'
                    | '}'
                    | '>'
                    | '"'
                    | '\''
                    | '”'
                    | '»'
                    | '“'
                    | '…'
            )
        {
            break;
        }
        word = &word[..word.len() - last.len_utf8()];
    }
    (start + front, start + front + word.len())
}

/// Where a word leads, if it is an address.
fn href(word: &str) -> Option<String> {
    let after = |scheme: &str| {
        word.get(..scheme.len())
            .filter(|head| head.eq_ignore_ascii_case(scheme))
            .map(|_| &word[scheme.len()..])
    };
    if let Some(rest) = after("https://").or_else(|| after("http://")) {
        let host = rest.split(['/', '?', '#']).next().unwrap_or("");
        // "https://bank.example@evil.example" shows one host and goes to another: not a link.
        let honest =
            !host.is_empty() && !host.contains('@') && !host.starts_with('.') && !rest.contains('\\');
        return honest.then(|| word.to_owned());
    }
    if let Some(rest) = after("www.") {
        return (rest.contains('.') && !rest.contains(['@', '\\'])).then(|| format!("https://{word}"));
    }
    let address = after("mailto:").unwrap_or(word);
    is_email(address).then(|| format!("mailto:{address}"))
}

fn is_email(word: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._%+-".contains(c);
    word.split_once('@').is_some_and(|(name, host)| {
        let host_chars = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        let dotted = host.split('.').count() >= 2 && host.split('.').all(|label| !label.is_empty());
        !name.is_empty() && name.chars().all(allowed) && dotted && host.chars().all(host_chars)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Links in angle brackets with their target, breaks as a bar.
    fn shown(text: &str) -> String {
        nodes(text)
            .into_iter()
            .map(|node| match node {
                Node::Text(text) => text,
                Node::Link { href, text } if href == text => format!("<{text}>"),
                Node::Link { href, text } => format!("<{text} → {href}>"),
                Node::Break => "|".to_owned(),
            })
            .collect()
    }

    #[test]
    fn text_becomes_nodes() {
        for (text, want) in [
            ("Hello", "Hello"),
            ("two\nlines\n", "two|lines"),
            ("see https://a.example/x?y=1#z.", "see <https://a.example/x?y=1#z>."),
            ("(https://a.example/x_(y))", "(<https://a.example/x_(y)>)"),
            (
                "www.a.example, or mail me@a.example!",
                "<www.a.example → https://www.a.example>, or mail <me@a.example → mailto:me@a.example>!",
            ),
            ("javascript:alert(1)", "javascript:alert(1)"),
            ("data:text/html,<b>", "data:text/html,<b>"),
            ("https://bank.example@evil.example", "https://bank.example@evil.example"),
            ("HTTPS://A.EXAMPLE", "<HTTPS://A.EXAMPLE>"),
            ("https://", "https://"),
            ("a@b", "a@b"),
            ("\u{202e}gnp.exe\u{0} ok", "gnp.exe ok"),
            ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
            ("„https://ä.example“", "„<https://ä.example>“"),
        ] {
            assert_eq!(shown(text), want, "{text:?}");
        }
    }
}
