//! The blocks of a document as text, as markdown and as HTML.

use super::{Block, Look, Piece};
use crate::content::escape_html;

/// As plain text.
pub(in crate::template) fn text(blocks: &[Block]) -> String {
    joined(blocks, |block| match block {
        Block::Paragraph(pieces) | Block::Heading(_, pieces) => plain(pieces),
        Block::Item { level, ordered, pieces } => {
            format!("{}{} {}", "  ".repeat(*level), if *ordered { "1." } else { "-" }, plain(pieces))
        }
        Block::Table(rows) => {
            let row = |row: &Vec<Vec<Piece>>| {
                row.iter().map(|cell| plain(cell).replace('\n', " ")).collect::<Vec<_>>().join("\t")
            };
            rows.iter().map(row).collect::<Vec<_>>().join("\n")
        }
    })
}

fn plain(pieces: &[Piece]) -> String {
    let mut out = String::new();
    for (index, piece) in pieces.iter().enumerate() {
        out.push_str(&piece.text);
        let ends = pieces.get(index + 1).is_none_or(|next| next.look.link != piece.look.link);
        if let Some(link) = piece.look.link.as_ref().filter(|link| ends && !out.ends_with(link.as_str())) {
            out.push_str(&format!(" ({link})"));
        }
    }
    out.trim().to_owned()
}

/// As markdown (CommonMark, with tables).
pub(in crate::template) fn markdown(blocks: &[Block]) -> String {
    joined(blocks, |block| match block {
        Block::Paragraph(pieces) => lines_of(pieces, "  \n"),
        Block::Heading(level, pieces) => format!("{} {}", "#".repeat(usize::from(*level)), lines_of(pieces, " ")),
        Block::Item { level, ordered, pieces } => {
            let indent = "    ".repeat(*level);
            let text = lines_of(pieces, "  \n").replace('\n', &format!("\n{indent}   "));
            format!("{indent}{} {text}", if *ordered { "1." } else { "-" })
        }
        Block::Table(rows) => {
            let width = rows.iter().map(Vec::len).max().unwrap_or(0);
            let mut lines = Vec::new();
            for (index, row) in rows.iter().enumerate() {
                let mut cells: Vec<String> =
                    row.iter().map(|cell| marked(cell).replace('\n', " ").replace('|', "\\|")).collect();
                cells.resize(width, String::new());
                lines.push(format!("| {} |", cells.join(" | ")));
                if index == 0 {
                    lines.push(format!("|{}", " --- |".repeat(width)));
                }
            }
            lines.join("\n")
        }
    })
}

/// Blocks apart by an empty line, items of a list by none.
fn joined(blocks: &[Block], write: impl Fn(&Block) -> String) -> String {
    let mut out = String::new();
    for (index, block) in blocks.iter().enumerate() {
        let is_item = |block: Option<&Block>| matches!(block, Some(Block::Item { .. }));
        match index.checked_sub(1).map(|before| is_item(blocks.get(before)) && is_item(Some(block))) {
            None => {}
            Some(true) => out.push('\n'),
            Some(false) => out.push_str("\n\n"),
        }
        out.push_str(&write(block));
    }
    out
}

/// A paragraph in markdown, its lines so that none of them begins like a heading, a list or a quotation.
fn lines_of(pieces: &[Piece], line_break: &str) -> String {
    let marked = marked(pieces);
    let lines = marked.split('\n').map(str::trim).filter(|line| !line.is_empty());
    lines.map(as_text).collect::<Vec<_>>().join(line_break)
}

fn as_text(line: &str) -> String {
    let digits = line.chars().take_while(char::is_ascii_digit).count();
    let behind = line.get(digits..).unwrap_or_default();
    if digits > 0 && behind.starts_with(['.', ')']) {
        return format!("{}\\{behind}", line.get(..digits).unwrap_or_default());
    }
    match line.starts_with(['#', '>', '-', '+', '=']) {
        true => format!("\\{line}"),
        false => line.to_owned(),
    }
}

/// The marks around text of a look, outermost first.
fn marks(look: &Look) -> Vec<&'static str> {
    let marks = [(look.bold, "**"), (look.italic, "*"), (look.struck, "~~")];
    marks.into_iter().filter(|(is_on, _)| *is_on).map(|(_, mark)| mark).collect()
}

/// The pieces as markdown. Marks stand around words, never around the space beside them, and never in a tag.
fn marked(pieces: &[Piece]) -> String {
    let mut out = String::new();
    for same in pieces.chunk_by(|one, other| one.look == other.look) {
        let Some(first) = same.first() else { continue };
        let inside: String =
            same.iter().map(|piece| if piece.is_tag { piece.text.clone() } else { escaped(&piece.text) }).collect();
        let core = inside.trim();
        if core.is_empty() {
            out.push_str(&inside);
            continue;
        }
        let start = inside.len() - inside.trim_start().len();
        let (before, after) =
            (inside.get(..start).unwrap_or_default(), inside.get(start + core.len()..).unwrap_or_default());
        let marks = marks(&first.look);
        let (opening, closing): (String, String) =
            (marks.concat(), marks.iter().rev().copied().collect::<Vec<_>>().concat());
        // A mark does not reach over a line's end.
        let lines: Vec<String> = core
            .split('\n')
            .map(|line| match line.trim() {
                "" => String::new(),
                line => format!("{opening}{line}{closing}"),
            })
            .collect();
        let core = lines.join("\n");
        out.push_str(before);
        match &first.look.link {
            Some(link) => out.push_str(&format!("[{}]({link})", core.replace('\n', " "))),
            None => out.push_str(&core),
        }
        out.push_str(after);
    }
    out.replace('\t', " ")
}

/// Text of the document as markdown shows it: only signs that would mean something are escaped, for it is also the text version.
fn escaped(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    for (index, letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| letters.get(before));
        let after = letters.get(index + 1);
        let is_word = |letter: Option<&char>| letter.is_some_and(|letter| letter.is_alphanumeric());
        let means_something = match letter {
            '\\' | '*' | '`' => true,
            '_' => !(is_word(before) && is_word(after)),
            '~' => after == Some(&'~') || before == Some(&'~'),
            ']' => matches!(after, Some('(' | '[' | ':')),
            '&' => after.is_some_and(|after| after.is_ascii_alphabetic() || *after == '#'),
            _ => false,
        };
        if means_something {
            out.push('\\');
        }
        out.push(*letter);
    }
    out
}

/// As a fragment of HTML.
pub(in crate::template) fn html(blocks: &[Block]) -> String {
    let mut out = String::new();
    let mut lists: Vec<&'static str> = Vec::new();
    for block in blocks {
        if !matches!(block, Block::Item { .. }) {
            close(&mut lists, 0, &mut out);
        }
        match block {
            Block::Paragraph(pieces) => out.push_str(&format!("<p>{}</p>\n", tagged(pieces))),
            Block::Heading(level, pieces) => out.push_str(&format!("<h{level}>{}</h{level}>\n", tagged(pieces))),
            Block::Item { level, ordered, pieces } => {
                let tag = if *ordered { "ol" } else { "ul" };
                close(&mut lists, level + 1, &mut out);
                if lists.len() == level + 1 {
                    out.push_str("</li>\n");
                    if lists.last() != Some(&tag) {
                        out.push_str(&format!("</{}>\n", lists.pop().unwrap_or(tag)));
                    }
                }
                while lists.len() <= *level {
                    out.push_str(&format!("<{tag}>\n"));
                    lists.push(tag);
                }
                out.push_str(&format!("<li>{}", tagged(pieces)));
            }
            Block::Table(rows) => {
                out.push_str("<table>\n");
                for row in rows {
                    let cells: String = row.iter().map(|cell| format!("<td>{}</td>", tagged(cell))).collect();
                    out.push_str(&format!("<tr>{cells}</tr>\n"));
                }
                out.push_str("</table>\n");
            }
        }
    }
    close(&mut lists, 0, &mut out);
    out.trim_end().to_owned()
}

/// Closes lists until so many are open.
fn close(lists: &mut Vec<&'static str>, open: usize, out: &mut String) {
    while lists.len() > open {
        if let Some(tag) = lists.pop() {
            out.push_str(&format!("</li>\n</{tag}>\n"));
        }
    }
}

fn tagged(pieces: &[Piece]) -> String {
    let mut out = String::new();
    for same in pieces.chunk_by(|one, other| one.look == other.look) {
        let Some(look) = same.first().map(|piece| &piece.look) else { continue };
        let mut inside: String =
            same.iter().map(|piece| if piece.is_tag { piece.text.clone() } else { escape_html(&piece.text) }).collect();
        inside = inside.replace('\n', "<br>").replace('\t', " ");
        for (is_on, tag) in [(look.struck, "s"), (look.italic, "em"), (look.bold, "strong")] {
            if is_on {
                inside = format!("<{tag}>{inside}</{tag}>");
            }
        }
        if let Some(link) = &look.link {
            inside = format!("<a href=\"{}\">{inside}</a>", escape_html(link));
        }
        out.push_str(&inside);
    }
    out.trim().to_owned()
}
