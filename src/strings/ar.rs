//! Arabic.

use rejoin_protocol::NackCode;

use super::Words;

/// Arabic counts in five forms: one, two, a few (3 to 10), many (11 to 99), and the hundreds, which take the singular.
fn counted(n: usize, one: &str, two: &str, few: &str, many: &str, other: &str) -> String {
    match (n, n % 100) {
        (1, _) => one.to_owned(),
        (2, _) => two.to_owned(),
        (_, 3..=10) => format!("{n} {few}"),
        (_, 11..=99) => format!("{n} {many}"),
        _ => format!("{n} {other}"),
    }
}

fn messages(n: usize) -> String {
    counted(n, "رسالة واحدة", "رسالتان", "رسائل", "رسالة", "رسالة")
}

fn characters(n: usize) -> String {
    counted(n, "حرف واحد", "حرفان", "أحرف", "حرفًا", "حرف")
}

pub(super) const WORDS: Words = Words {
    lang: "ar",
    rtl: true,
    heading: "محادثة",
    promise: "اترك رسالة. هذه المحادثة تبقى هنا.",
    promise_unkept: "اترك رسالة. يصلك الرد هنا.",
    greeting: "مرحبًا! كيف يمكننا مساعدتك؟",
    greeting_hint: "اكتب متى شئت. يصلك الرد هنا، حتى لو أغلقت الصفحة وعدت لاحقًا.",
    messages: "الرسائل",
    message: "رسالة",
    placeholder: "اكتب رسالة…",
    send: "إرسال",
    close: "إغلاق",
    up_to_date: "كل شيء محدّث",
    connecting: "جارٍ الاتصال…",
    catching_up: "جارٍ جلب ما فاتك…",
    sending: |n| {
        if n == 1 {
            "جارٍ الإرسال…".to_owned()
        } else {
            format!("جارٍ إرسال: {}", messages(n))
        }
    },
    offline: |n| match n {
        0 => "غير متصل. سيُرسل ما تكتبه لاحقًا".to_owned(),
        n => format!("غير متصل. بانتظار الإرسال: {}", messages(n)),
    },
    not_sent: |n| format!("لم تُرسل: {}", messages(n)),
    stopped_auth: "انتهى وصول هذا المتصفح إلى المحادثة",
    stopped_origin: "لا يُسمح لهذه الصفحة باستخدام هذه المحادثة",
    stopped_version: "تم تحديث المحادثة. أعد تحميل الصفحة للمتابعة",
    stopped_protocol: "تعذّر على المحادثة التواصل مع خادمها. أعد تحميل الصفحة",
    not_kept: "هذا المتصفح لا يحتفظ بهذه المحادثة",
    understood: "حسنًا",
    try_again: "إعادة المحاولة",
    edit: "تعديل",
    discard: "حذف",
    state_sending: "جارٍ الإرسال",
    state_waiting: "بانتظار الاتصال",
    state_sent: "أُرسلت",
    state_delivered: "وصلت",
    state_seen: "شوهدت",
    rejected: |code| match code {
        NackCode::TooBig => "لم تُرسل: إنها أطول من المسموح.",
        NackCode::BadBody => "لم تُرسل: لا يمكن قراءتها.",
        NackCode::Blocked => "لم تُرسل: لا تُقبل الرسائل من هنا.",
        NackCode::Gone => "لم تُرسل: لم تعد هذه المحادثة موجودة.",
        NackCode::Rate | NackCode::Busy | NackCode::NotOpen => "لم تُرسل: هناك ضغط كبير الآن.",
        NackCode::CidConflict | NackCode::Unknown => "لم تُرسل: لم يقبلها الخادم.",
    },
    new_messages: "رسائل جديدة",
    jump: |n| match n {
        0 => "إلى أحدث رسالة".to_owned(),
        n => format!("إلى الجديد: {}", messages(n)),
    },
    older: "رسائل أقدم",
    loading: "جارٍ التحميل…",
    gap: "هناك رسائل ناقصة هنا",
    fill: "تحميلها",
    more: "عرض النص كاملًا",
    typing: |names| match names {
        [one] => format!("{one} يكتب الآن"),
        [one, two] => format!("{one} و{two} يكتبان الآن"),
        _ => "عدة أشخاص يكتبون الآن".to_owned(),
    },
    you: "أنت",
    agent: "الدعم",
    arrived: |name, text| format!("{name}: {text}"),
    unreadable: "تحتاج هذه الرسالة إلى إصدار أحدث من المحادثة. أعد تحميل الصفحة.",
    left: |n| format!("المتبقي: {}", characters(n)),
    over: |n| format!("لا يمكن الإرسال، الزيادة: {}", characters(n)),
};
