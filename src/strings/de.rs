//! German.

use rejoin_protocol::NackCode;

use super::Words;

pub(super) const WORDS: Words = Words {
    lang: "de",
    rtl: false,
    heading: "Chat",
    promise: "Schreiben Sie uns. Das Gespräch bleibt hier.",
    promise_unkept: "Schreiben Sie uns. Die Antwort kommt hierher.",
    greeting: "Guten Tag! Wie können wir helfen?",
    greeting_hint: "Schreiben Sie, wann Sie möchten. Die Antwort kommt hierher, auch wenn Sie die Seite schließen und später wiederkommen.",
    messages: "Nachrichten",
    message: "Nachricht",
    placeholder: "Nachricht schreiben…",
    send: "Senden",
    close: "Schließen",
    up_to_date: "Alles aktuell",
    connecting: "Verbindung wird aufgebaut…",
    catching_up: "Wird auf den neuesten Stand gebracht…",
    sending: |n| {
        if n == 1 { "Wird gesendet…".to_owned() } else { format!("{n} Nachrichten werden gesendet…") }
    },
    offline: |n| match n {
        0 => "Offline. Was Sie schreiben, wird später gesendet".to_owned(),
        1 => "Offline. 1 Nachricht wartet".to_owned(),
        n => format!("Offline. {n} Nachrichten warten"),
    },
    not_sent: |n| match n {
        1 => "1 Nachricht wurde nicht gesendet".to_owned(),
        n => format!("{n} Nachrichten wurden nicht gesendet"),
    },
    stopped_auth: "Der Zugang dieses Browsers zum Gespräch ist beendet",
    stopped_origin: "Diese Seite darf diesen Chat nicht verwenden",
    stopped_version: "Der Chat wurde erneuert. Bitte laden Sie die Seite neu",
    stopped_protocol: "Der Chat erreicht seinen Server nicht. Bitte laden Sie die Seite neu",
    not_kept: "Dieser Browser bewahrt das Gespräch nicht auf",
    understood: "OK",
    try_again: "Erneut versuchen",
    edit: "Bearbeiten",
    discard: "Verwerfen",
    state_sending: "Wird gesendet",
    state_waiting: "Wartet auf Verbindung",
    state_sent: "Gesendet",
    state_delivered: "Zugestellt",
    state_seen: "Gesehen",
    rejected: |code| match code {
        NackCode::TooBig => "Nicht gesendet: zu lang.",
        NackCode::BadBody => "Nicht gesendet: nicht lesbar.",
        NackCode::Blocked => "Nicht gesendet: Nachrichten von hier werden nicht angenommen.",
        NackCode::Gone => "Nicht gesendet: Dieses Gespräch gibt es nicht mehr.",
        NackCode::Rate | NackCode::Busy | NackCode::NotOpen => "Nicht gesendet: Im Moment ist zu viel los.",
        NackCode::CidConflict | NackCode::Unknown => "Nicht gesendet: Der Server hat sie nicht angenommen.",
    },
    new_messages: "Neue Nachrichten",
    jump: |n| match n {
        0 => "Zur neuesten Nachricht".to_owned(),
        1 => "Zu 1 neuen Nachricht".to_owned(),
        n => format!("Zu {n} neuen Nachrichten"),
    },
    older: "Ältere Nachrichten",
    loading: "Wird geladen…",
    gap: "Hier fehlen Nachrichten",
    fill: "Laden",
    more: "Ganz anzeigen",
    typing: |names| match names {
        [one] => format!("{one} schreibt"),
        [one, two] => format!("{one} und {two} schreiben"),
        _ => "Mehrere Personen schreiben".to_owned(),
    },
    you: "Sie",
    agent: "Support",
    arrived: |name, text| format!("{name}: {text}"),
    unreadable: "Diese Nachricht braucht eine neuere Version des Chats. Bitte laden Sie die Seite neu.",
    left: |n| format!("Noch {n} Zeichen"),
    over: |n| format!("{n} Zeichen zu viel zum Senden"),
};
