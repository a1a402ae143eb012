//! The fields and conditions of the template within the text of a paragraph. A word processor cuts them up as it likes, and makes
//! their quotes round; here they become whole and straight again.

use super::{Look, Piece};

/// How they begin, and how they end.
const TAGS: [(char, &str); 3] = [('{', "}}"), ('%', "%}"), ('#', "#}")];

/// How far the end of a tag is looked for, in letters. Longer ones are refused anyway.
const LONGEST: usize = 2_000;

/// The same text, cut where a field or a condition begins or ends, and where the look changes. A tag looks as it begins.
pub(super) fn cut(runs: Vec<Piece>) -> Vec<Piece> {
    let letters: Vec<(char, &Look)> =
        runs.iter().flat_map(|run| run.text.chars().map(move |letter| (letter, &run.look))).collect();
    let mut pieces: Vec<Piece> = Vec::new();
    let mut at = 0;
    while let Some((letter, look)) = letters.get(at) {
        if let Some(length) = letters.get(at..).and_then(tag_length) {
            let tag = letters.iter().skip(at).take(length).map(|(letter, _)| straight(*letter));
            pieces.push(Piece { text: tag.collect(), look: (*look).clone(), is_tag: true });
            at += length;
            continue;
        }
        match pieces.last_mut() {
            Some(last) if !last.is_tag && last.look == **look => last.text.push(*letter),
            _ => pieces.push(Piece { text: letter.to_string(), look: (*look).clone(), is_tag: false }),
        }
        at += 1;
    }
    pieces
}

/// How long the tag is that these letters begin with.
fn tag_length(letters: &[(char, &Look)]) -> Option<usize> {
    let [('{', _), (kind, _), rest @ ..] = letters else { return None };
    let (_, end) = TAGS.iter().find(|(sign, _)| sign == kind)?;
    let (first, second) = (end.chars().next()?, end.chars().nth(1)?);
    let rest = rest.get(..LONGEST).unwrap_or(rest);
    let place = rest.windows(2).position(|pair| matches!(pair, [(a, _), (b, _)] if *a == first && *b == second))?;
    Some(place + 4)
}

fn straight(letter: char) -> char {
    match letter {
        '“' | '”' | '„' | '‟' => '"',
        '‘' | '’' | '‚' | '‛' => '\'',
        '\u{a0}' | '\n' | '\t' => ' ',
        other => other,
    }
}
