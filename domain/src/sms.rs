//! How many parts a text message takes (3GPP TS 23.038 and 23.040).
//!
//! A text of the GSM alphabet has 160 septets in one part, or 153 in each of several. Any other character makes all of it
//! UCS-2: 70 units of 16 bits in one part, or 67 in each of several. What takes two septets or two units is never split.

/// The basic GSM alphabet, but for the escape.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// What is written with an escape: two septets.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

/// The alphabet of a text message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Gsm7,
    Ucs2,
}

impl Encoding {
    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gsm7 => "gsm7",
            Self::Ucs2 => "ucs2",
        }
    }

    /// What one part holds alone, and what each of several holds.
    fn limits(self) -> (usize, usize) {
        match self {
            Self::Gsm7 => (160, 153),
            Self::Ucs2 => (70, 67),
        }
    }
}

/// How a text is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segments {
    pub encoding: Encoding,
    /// Septets of GSM-7, or units of UCS-2.
    pub units: usize,
    /// How many parts it takes; an empty text takes one.
    pub count: usize,
}

/// The parts that `text` takes.
pub fn segments(text: &str) -> Segments {
    let septets = |c: char| match (BASIC.contains(c), EXTENDED.contains(c)) {
        (true, _) => Some(1),
        (false, true) => Some(2),
        (false, false) => None,
    };
    match text.chars().map(septets).collect::<Option<Vec<usize>>>() {
        Some(widths) => pack(Encoding::Gsm7, widths),
        None => pack(Encoding::Ucs2, text.chars().map(char::len_utf16).collect()),
    }
}

/// Packs characters of these widths, none of them over a border.
fn pack(encoding: Encoding, widths: Vec<usize>) -> Segments {
    let (alone, each) = encoding.limits();
    let units = widths.iter().sum();
    if units <= alone {
        return Segments { encoding, units, count: 1 };
    }
    let (mut count, mut filled) = (1, 0);
    for width in widths {
        if filled + width > each {
            count += 1;
            filled = 0;
        }
        filled += width;
    }
    Segments { encoding, units, count }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> (Encoding, usize, usize) {
        let Segments { encoding, units, count } = segments(text);
        (encoding, units, count)
    }

    #[test]
    fn texts_take_the_parts_that_networks_count() {
        use Encoding::{Gsm7, Ucs2};
        for (text, expected) in [
            (String::new(), (Gsm7, 0, 1)),
            ("Hei Åke, avain on myöhässä!".to_owned(), (Gsm7, 27, 1)),
            ("a".repeat(160), (Gsm7, 160, 1)),
            ("a".repeat(161), (Gsm7, 161, 2)),
            ("a".repeat(306), (Gsm7, 306, 2)),
            ("a".repeat(307), (Gsm7, 307, 3)),
            ("€".repeat(80), (Gsm7, 160, 1)),
            ("š".to_owned(), (Ucs2, 1, 1)),
            ("a – b".to_owned(), (Ucs2, 5, 1)),
            ("š".repeat(70), (Ucs2, 70, 1)),
            ("š".repeat(71), (Ucs2, 71, 2)),
            ("š".repeat(134), (Ucs2, 134, 2)),
            ("š".repeat(135), (Ucs2, 135, 3)),
            ("😀".repeat(35), (Ucs2, 70, 1)),
        ] {
            assert_eq!(told(&text), expected, "{text}");
        }
    }

    #[test]
    fn neither_an_escape_nor_a_surrogate_pair_is_split() {
        // The pair would take the 153rd and 154th septet: it goes to the next part as a whole.
        let escape = format!("{}€{}", "a".repeat(152), "a".repeat(152));
        assert_eq!(told(&escape), (Encoding::Gsm7, 306, 3));
        let fits = format!("{}€{}", "a".repeat(151), "a".repeat(153));
        assert_eq!(told(&fits), (Encoding::Gsm7, 306, 2));
        let surrogates = format!("{}😀{}", "š".repeat(66), "š".repeat(66));
        assert_eq!(told(&surrogates), (Encoding::Ucs2, 134, 3));
    }

    #[test]
    fn the_alphabets_have_the_sizes_of_the_standard() {
        assert_eq!((BASIC.chars().count(), EXTENDED.chars().count()), (127, 10));
    }
}
