use corpus::BlockKind;
use lopdf::{Document, Object, ObjectId, Stream, dictionary};

use super::*;

mod hostile;
mod reading;

/// A document in the making.
pub(super) struct Maker {
    pub(super) document: Document,
    tree: ObjectId,
    pages: Vec<Object>,
    pub(super) resources: lopdf::Dictionary,
}

impl Maker {
    pub(super) fn new() -> Self {
        let mut document = Document::with_version("1.7");
        let tree = document.new_object_id();
        let font = |name: &str| {
            dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => name, "Encoding" => "WinAnsiEncoding" }
        };
        let fonts = dictionary! {
            "F" => document.add_object(font("Helvetica")),
            "B" => document.add_object(font("Helvetica-Bold")),
            "C" => document.add_object(font("Courier")),
        };
        Self { document, tree, pages: Vec::new(), resources: dictionary! { "Font" => fonts } }
    }

    pub(super) fn page(&mut self, content: &str) -> &mut Self {
        let stream = self.document.add_object(Stream::new(lopdf::Dictionary::new(), latin(content)));
        self.page_of(stream.into())
    }

    pub(super) fn page_of(&mut self, contents: Object) -> &mut Self {
        let page = self.document.add_object(dictionary! {
            "Type" => "Page",
            "Parent" => self.tree,
            "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
            "Resources" => self.resources.clone(),
            "Contents" => contents,
        });
        self.pages.push(page.into());
        self
    }

    pub(super) fn finish(&mut self) -> Document {
        let pages = std::mem::take(&mut self.pages);
        let count = pages.len() as i64;
        let tree = dictionary! { "Type" => "Pages", "Kids" => pages, "Count" => count };
        self.document.objects.insert(self.tree, tree.into());
        let root = self.document.add_object(dictionary! { "Type" => "Catalog", "Pages" => self.tree });
        self.document.trailer.set("Root", root);
        std::mem::take(&mut self.document)
    }

    pub(super) fn bytes(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.finish().save_to(&mut bytes).expect("a PDF");
        bytes
    }
}

/// Text as the bytes of `WinAnsiEncoding`, as far as it is Latin 1.
fn latin(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

/// Lines of text, each at a place of its own: `x`, `y` from the top, size, font, text.
pub(super) fn lines(lines: &[(f64, f64, f64, &str, &str)]) -> String {
    lines.iter().fold("BT\n".to_owned(), |content, (x, y, size, font, text)| {
        format!("{content}/{font} {size} Tf 1 0 0 1 {x} {} Tm ({text}) Tj\n", 842.0 - y)
    }) + "ET\n"
}

pub(super) fn draft(bytes: &[u8]) -> Draft {
    read(bytes, &ExtractOptions::default()).expect("a document")
}

pub(super) fn blocks(content: &str) -> Vec<(BlockKind, String)> {
    let bytes = Maker::new().page(content).bytes();
    draft(&bytes).blocks.into_iter().map(|block| (block.kind, block.text)).collect()
}

pub(super) fn texts(content: &str) -> Vec<String> {
    blocks(content).into_iter().map(|(_, text)| text).collect()
}
