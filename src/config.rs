//! What the page configures, read once at the door: `settings` JSON from the loader → [`Settings`].

use std::fmt;

use rejoin_protocol::SiteName;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Where on the page the launcher sits, and the panel with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Position {
    /// The usual place.
    #[default]
    BottomRight,
    /// The other corner.
    BottomLeft,
}

/// How much of the page the chat takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// A panel beside the launcher.
    #[default]
    Floating,
    /// All of it: the page is the chat, and there is no launcher.
    FullPage,
}

/// The settings of one `<rejoin-chat>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Origin of the server, without a slash at the end.
    pub server: String,
    /// Which site's chat.
    pub site: SiteName,
    /// Heading of the panel; `None` says the default, blank says none.
    pub heading: Option<String>,
    /// Greeting of an empty conversation; `None` says the default, blank says none.
    pub greeting: Option<String>,
    /// BCP 47 tag; `None` follows the page.
    pub locale: Option<String>,
    /// Which corner.
    pub position: Position,
    /// How much of the page.
    pub mode: Mode,
    /// Open at once.
    pub open: bool,
    /// Keys that this version does not know, to be reported.
    pub unknown: Vec<String>,
}

/// Why settings are no settings; names the field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError(String);

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "settings: {}", self.0)
    }
}

impl std::error::Error for SettingsError {}

impl Settings {
    /// Reads the loader's JSON.
    pub fn parse(json: &str) -> Result<Settings, SettingsError> {
        serde_json::from_str(json).map_err(|error| SettingsError(error.to_string()))
    }
}

impl<'de> Deserialize<'de> for Settings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(SettingsVisitor)
    }
}

struct SettingsVisitor;

impl<'de> Visitor<'de> for SettingsVisitor {
    type Value = Settings;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Settings, A::Error> {
        use serde::de::Error as _;
        let (mut server, mut site) = (None::<String>, None);
        let (mut heading, mut greeting, mut locale) = (None, None, None);
        let (mut position, mut mode, mut open) = (Position::default(), Mode::default(), false);
        let mut unknown = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "server" => server = Some(map.next_value()?),
                "site" => site = Some(map.next_value()?),
                "heading" => heading = Some(map.next_value()?),
                "greeting" => greeting = Some(map.next_value()?),
                "locale" => locale = Some(map.next_value()?),
                "open" => open = map.next_value()?,
                "position" => {
                    position = match map.next_value::<String>()?.as_str() {
                        "bottom-right" => Position::BottomRight,
                        "bottom-left" => Position::BottomLeft,
                        _ => return Err(A::Error::custom("position: want bottom-right or bottom-left")),
                    }
                }
                "mode" => {
                    mode = match map.next_value::<String>()?.as_str() {
                        "floating" => Mode::Floating,
                        "fullpage" => Mode::FullPage,
                        _ => return Err(A::Error::custom("mode: want floating or fullpage")),
                    }
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    unknown.push(key);
                }
            }
        }
        let server = server.ok_or_else(|| A::Error::missing_field("server"))?;
        let site = site.ok_or_else(|| A::Error::missing_field("site"))?;
        let server = server.trim_end_matches('/').to_owned();
        Ok(Settings { server, site, heading, greeting, locale, position, mode, open, unknown })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(json: &str) -> String {
        Settings::parse(json).map_or_else(|error| error.to_string(), |settings| format!("{settings:?}"))
    }

    #[test]
    fn settings_are_read_and_absent_ones_defaulted() {
        let Ok(least) = Settings::parse(r#"{"server":"https://chat.example/","site":"demo"}"#) else {
            panic!("server and site are enough")
        };
        assert_eq!((least.server.as_str(), least.site.as_str()), ("https://chat.example", "demo"));
        assert_eq!((least.position, least.mode, least.open), (Position::BottomRight, Mode::Floating, false));
        let Ok(all) = Settings::parse(
            r#"{"server":"http://a","site":"s","heading":"","greeting":"Hi","locale":"de","position":"bottom-left","mode":"fullpage","open":true,"sound":1}"#,
        ) else {
            panic!("all settings at once")
        };
        assert_eq!((all.heading.as_deref(), all.greeting.as_deref()), (Some(""), Some("Hi")));
        assert_eq!((all.position, all.mode, all.open), (Position::BottomLeft, Mode::FullPage, true));
        assert_eq!(all.unknown, ["sound"]);
    }

    #[test]
    fn bad_settings_name_the_field() {
        for (json, named) in [
            (r#"{"site":"demo"}"#, "server"),
            (r#"{"server":"https://a"}"#, "site"),
            (r#"{"server":"https://a","site":"-"}"#, "site's name"),
            (r#"{"server":"https://a","site":"s","position":"top"}"#, "position"),
            (r#"{"server":"https://a","site":"s","mode":"x"}"#, "mode"),
            ("[]", "an object"),
            ("", "EOF"),
        ] {
            assert!(error(json).contains(named), "{json}: {}", error(json));
        }
    }
}
