//! XML as a tree, of bounded depth and size, without entities of its own.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::DocxFault;

/// How deep elements may be nested. What walks the tree recurses with it.
const MAX_DEPTH: usize = 200;
/// How many elements a part may have.
const MAX_ELEMENTS: usize = 200_000;
/// How many attributes an element may have.
const MAX_ATTRIBUTES: usize = 100;

/// An element. Names are without their namespace's prefix: the parts of a document have few, and they do not meet.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Node>,
}

#[derive(Debug)]
enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// The elements right below.
    pub(super) fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|child| match child {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The first element of this name right below.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.elements().find(|element| element.name == name)
    }

    /// The attribute `val` of the first element of this name right below: how most properties are written.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.child(name)?.attribute("val")
    }

    /// Whether a property that is on or off is there and on.
    pub(super) fn is_on(&self, name: &str) -> Option<bool> {
        let value = self.child(name)?.attribute("val");
        Some(!matches!(value, Some("0" | "false" | "off" | "none")))
    }

    /// Whether an element of this name is anywhere below.
    pub(super) fn has(&self, name: &str) -> bool {
        self.elements().any(|element| element.name == name || element.has(name))
    }

    /// The text right below.
    pub(super) fn text(&self) -> String {
        let texts = self.children.iter().filter_map(|child| match child {
            Node::Text(text) => Some(text.as_str()),
            Node::Element(_) => None,
        });
        texts.collect()
    }

    fn open(start: &BytesStart<'_>) -> Result<Self, DocxFault> {
        let mut attributes = Vec::new();
        // Looking for doubles would take the square of their number.
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|_malformed| DocxFault::Damaged)?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_malformed| DocxFault::Damaged)?;
            attributes.push((name(attribute.key.local_name().as_ref())?, value.into_owned()));
            if attributes.len() > MAX_ATTRIBUTES {
                return Err(DocxFault::TooLarge);
            }
        }
        Ok(Self { name: name(start.local_name().as_ref())?, attributes, children: Vec::new() })
    }
}

fn name(bytes: &[u8]) -> Result<String, DocxFault> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|_not_utf8| DocxFault::Damaged)
}

/// The outermost element of a part.
pub(super) fn parse(source: &str) -> Result<Element, DocxFault> {
    let damaged = |_| DocxFault::Damaged;
    let mut reader = Reader::from_str(source);
    reader.config_mut().expand_empty_elements = true;
    let mut open = vec![Element::default()];
    let mut count = 0_usize;
    loop {
        let text = match reader.read_event().map_err(|_malformed| DocxFault::Damaged)? {
            Event::Start(start) => {
                count += 1;
                if count > MAX_ELEMENTS || open.len() > MAX_DEPTH {
                    return Err(DocxFault::TooLarge);
                }
                open.push(Element::open(&start)?);
                continue;
            }
            Event::End(_) => {
                let done = open.pop().ok_or(DocxFault::Damaged)?;
                open.last_mut().ok_or(DocxFault::Damaged)?.children.push(Node::Element(done));
                continue;
            }
            Event::DocType(_) => return Err(DocxFault::Entities),
            Event::Text(text) => text.xml10_content().map_err(damaged)?.into_owned(),
            Event::CData(text) => text.xml10_content().map_err(damaged)?.into_owned(),
            Event::GeneralRef(reference) => {
                match reference.resolve_char_ref().map_err(|_malformed| DocxFault::Damaged)? {
                    Some(character) => character.to_string(),
                    None => predefined(&reference.decode().map_err(damaged)?)?.to_owned(),
                }
            }
            Event::Eof => break,
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => continue,
        };
        if let Some(inside) = open.last_mut() {
            inside.children.push(Node::Text(text));
        }
    }
    let document = open.pop().filter(|_| open.is_empty()).ok_or(DocxFault::Damaged)?;
    let outermost = document.children.into_iter().find_map(|child| match child {
        Node::Element(element) => Some(element),
        Node::Text(_) => None,
    });
    outermost.ok_or(DocxFault::Damaged)
}

fn predefined(entity: &str) -> Result<&'static str, DocxFault> {
    match entity {
        "amp" => Ok("&"),
        "lt" => Ok("<"),
        "gt" => Ok(">"),
        "quot" => Ok("\""),
        "apos" => Ok("'"),
        _ => Err(DocxFault::Entities),
    }
}
