//! Reading. One pass over the text; only what is asked for is made.

mod access;

use super::Error;

/// Deeper than any frame; what is deeper is not from a server of ours.
const DEPTH_MAX: u32 = 64;

/// A text and how far it has been read.
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Reader<'a> {
        Reader { text, at: 0, depth: 0 }
    }

    /// Nothing may follow.
    pub(super) fn end(&mut self) -> Result<(), Error> {
        if self.peek() == 0 && self.at == self.text.len() { Ok(()) } else { Err(Error) }
    }

    /// The next byte that is no space, or 0 at the end.
    fn peek(&mut self) -> u8 {
        loop {
            match self.byte() {
                b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                byte => return byte,
            }
        }
    }

    /// The byte here, or 0 at the end.
    fn byte(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn expect(&mut self, wanted: u8) -> Result<(), Error> {
        if self.peek() != wanted {
            return Err(Error);
        }
        self.at += 1;
        Ok(())
    }

    fn word(&mut self, word: &str) -> Result<(), Error> {
        self.peek();
        let found = self.text.as_bytes()[self.at..].starts_with(word.as_bytes());
        self.at += word.len();
        if found { Ok(()) } else { Err(Error) }
    }

    fn digits(&mut self) -> Result<&'a str, Error> {
        let from = self.at;
        while self.byte().is_ascii_digit() {
            self.at += 1;
        }
        let digits = self.text.get(from..self.at).filter(|digits| !digits.is_empty());
        digits.ok_or(Error)
    }

    /// The whole part of a number and whether it is negative.
    fn number(&mut self) -> Result<(bool, u64), Error> {
        let negative = self.peek() == b'-';
        self.at += usize::from(negative);
        let digits = self.digits()?;
        if digits.len() > 1 && digits.starts_with('0') {
            return Err(Error);
        }
        let whole = digits
            .bytes()
            .try_fold(0u64, |number, digit| number.checked_mul(10)?.checked_add(u64::from(digit - b'0')));
        if self.byte() == b'.' {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.byte(), b'e' | b'E') {
            self.at += 1;
            self.at += usize::from(matches!(self.byte(), b'+' | b'-'));
            self.digits()?;
        }
        Ok((negative, whole.unwrap_or(u64::MAX)))
    }

    /// A whole number that is not negative.
    fn unsigned(&mut self) -> Result<u64, Error> {
        let from = {
            self.peek();
            self.at
        };
        let (_, number) = self.number()?;
        let plain = self.text.as_bytes()[from..self.at].iter().all(u8::is_ascii_digit);
        // `u64::MAX` stands for itself and for what is too large; no count comes near it.
        if plain && number != u64::MAX { Ok(number) } else { Err(Error) }
    }

    fn string(&mut self) -> Result<String, Error> {
        self.expect(b'"')?;
        let mut string = String::new();
        loop {
            let from = self.at;
            while !matches!(self.byte(), b'"' | b'\\' | 0..=0x1f) {
                self.at += 1;
            }
            string.push_str(self.text.get(from..self.at).ok_or(Error)?);
            let byte = self.byte();
            self.at += 1;
            match byte {
                b'"' => return Ok(string),
                b'\\' => string.push(self.escaped()?),
                _ => return Err(Error),
            }
        }
    }

    fn escaped(&mut self) -> Result<char, Error> {
        let byte = self.byte();
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let mut unit = self.hex4()?;
                // Two units above the first plane make one character; half of one is none.
                if let 0xd800..=0xdbff = unit {
                    if !self.text.as_bytes()[self.at..].starts_with(b"\\u") {
                        return Err(Error);
                    }
                    self.at += 2;
                    let low = self.hex4()?.checked_sub(0xdc00).filter(|low| *low < 0x400).ok_or(Error)?;
                    unit = 0x1_0000 + ((unit - 0xd800) << 10) + low;
                }
                char::from_u32(unit).ok_or(Error)?
            }
            _ => return Err(Error),
        })
    }

    fn hex4(&mut self) -> Result<u32, Error> {
        let digits = self.text.get(self.at..self.at + 4).ok_or(Error)?;
        self.at += 4;
        digits.chars().try_fold(0, |unit, digit| Ok(unit << 4 | digit.to_digit(16).ok_or(Error)?))
    }

    /// Opens an object or array.
    fn open(&mut self, bracket: u8) -> Result<(), Error> {
        self.expect(bracket)?;
        self.depth += 1;
        if self.depth > DEPTH_MAX { Err(Error) } else { Ok(()) }
    }

    /// Whether another item comes before `bracket`, which closes.
    fn more(&mut self, bracket: u8, first: &mut bool) -> Result<bool, Error> {
        if self.peek() == bracket {
            self.at += 1;
            self.depth -= 1;
            return Ok(false);
        }
        if !std::mem::replace(first, false) {
            self.expect(b',')?;
        }
        Ok(true)
    }

    fn skip(&mut self) -> Result<(), Error> {
        match self.peek() {
            b'"' => drop(self.string()?),
            b't' => self.word("true")?,
            b'f' => self.word("false")?,
            b'n' => self.word("null")?,
            b'{' => {
                self.open(b'{')?;
                let mut first = true;
                while self.more(b'}', &mut first)? {
                    self.string()?;
                    self.expect(b':')?;
                    self.skip()?;
                }
            }
            b'[' => {
                self.open(b'[')?;
                let mut first = true;
                while self.more(b']', &mut first)? {
                    self.skip()?;
                }
            }
            _ => drop(self.number()?),
        }
        Ok(())
    }
}

/// Walks through an object: for each entry, `take` gets the key and the text of the value, and says what is wrong with
/// it. For settings, whose errors are to be told in words.
pub fn entries(text: &str, mut take: impl FnMut(String, &str)) -> Result<(), Error> {
    let mut reader = Reader::new(text);
    reader.open(b'{')?;
    let mut first = true;
    while reader.more(b'}', &mut first)? {
        let key = reader.string()?;
        reader.expect(b':')?;
        reader.peek();
        let from = reader.at;
        reader.skip()?;
        take(key, text.get(from..reader.at).ok_or(Error)?);
    }
    reader.end()
}
