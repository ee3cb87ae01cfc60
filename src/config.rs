//! What the page configures, read once at the door: `settings` JSON from the loader → [`Settings`].

use std::fmt;

use rejoin_browser::json::{entries, from_str};
use rejoin_protocol::SiteName;
use serde::de::DeserializeOwned;

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
    ///
    /// # Errors
    /// Names the field that is missing or bad.
    pub fn parse(json: &str) -> Result<Settings, SettingsError> {
        let (mut server, mut site) = (None, None);
        let (mut heading, mut greeting, mut locale) = (None, None, None);
        let (mut position, mut mode, mut open) = (None, None, None);
        let mut unknown = Vec::new();
        let mut bad = None;
        let walked = entries(json, |key, value| {
            let read = match key.as_str() {
                "server" => read(&mut server, value),
                "site" => read(&mut site, value),
                "heading" => read(&mut heading, value),
                "greeting" => read(&mut greeting, value),
                "locale" => read(&mut locale, value),
                "position" => read(&mut position, value),
                "mode" => read(&mut mode, value),
                "open" => read(&mut open, value),
                _ => {
                    unknown.push(key);
                    return;
                }
            };
            if read.is_err() {
                bad = Some(key);
            }
        });
        walked.map_err(|_| SettingsError("want an object".to_owned()))?;
        if let Some(field) = bad {
            return Err(SettingsError(field + ": of the wrong type"));
        }
        let server: String = server.ok_or_else(|| SettingsError("server is missing".to_owned()))?;
        let site: String = site.ok_or_else(|| SettingsError("site is missing".to_owned()))?;
        Ok(Settings {
            server: server.trim_end_matches('/').to_owned(),
            site: site.parse().map_err(|error| SettingsError(format!("site: {error}")))?,
            heading,
            greeting,
            locale,
            position: choice(
                "position",
                position,
                &[("bottom-right", Position::BottomRight), ("bottom-left", Position::BottomLeft)],
            )?,
            mode: choice("mode", mode, &[("floating", Mode::Floating), ("fullpage", Mode::FullPage)])?,
            open: open.unwrap_or(false),
            unknown,
        })
    }
}

fn read<T: DeserializeOwned>(field: &mut Option<T>, json: &str) -> Result<(), rejoin_browser::json::Error> {
    *field = Some(from_str(json)?);
    Ok(())
}

fn choice<T: Copy + Default>(
    field: &str,
    value: Option<String>,
    choices: &[(&str, T)],
) -> Result<T, SettingsError> {
    let Some(value) = value else { return Ok(T::default()) };
    let found = choices.iter().find(|(name, _)| *name == value);
    found.map(|(_, choice)| *choice).ok_or_else(|| SettingsError(format!("{field}: no such choice")))
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
            (r#"{"server":"https://a","site":"-"}"#, "site"),
            (r#"{"server":"https://a","site":"s","position":"top"}"#, "position"),
            (r#"{"server":"https://a","site":"s","mode":"x"}"#, "mode"),
            ("[]", "an object"),
            ("", "an object"),
            (r#"{"server":1,"site":"s"}"#, "server"),
            (r#"{"server":"https://a","site":"s","open":"yes"}"#, "open"),
        ] {
            assert!(error(json).contains(named), "{json}: {}", error(json));
        }
    }
}
