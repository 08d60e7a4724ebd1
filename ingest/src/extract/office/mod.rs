//! Office formats: text documents, slides, spreadsheets and e-books.
//!
//! All but RTF are zip files of XML. Members are named by the formats, so no name in a file becomes a path; how much may be
//! unpacked is bounded; XML is read without a document type, so no entity is ever expanded.

mod book;
mod odf;
mod package;
mod properties;
mod rtf;
mod sheet;
mod slides;
mod text;
mod word;

use corpus::Format;

use super::{Draft, ExtractError, Limits};
pub(super) use package::{Content, content};

/// Which reader takes an office document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Office {
    /// Office Open XML text (ECMA-376).
    Word,
    /// Office Open XML slides.
    Slides,
    /// A workbook: Office Open XML, `OpenDocument` or the older binary format.
    Sheet,
    /// `OpenDocument` text.
    OdfText,
    /// `OpenDocument` slides.
    OdfSlides,
    /// EPUB.
    Book,
    /// Rich Text Format.
    Rtf,
}

impl Office {
    pub(super) fn format(self) -> Format {
        match self {
            Self::Word | Self::OdfText | Self::Rtf => Format::Word,
            Self::Slides | Self::OdfSlides => Format::Slides,
            Self::Sheet => Format::Sheet,
            Self::Book => Format::Book,
        }
    }
}

/// The document in a file.
pub(super) fn read(kind: Office, bytes: &[u8], limits: &Limits) -> Result<Draft, ExtractError> {
    Ok(match kind {
        Office::Word => word::read(bytes, limits)?.into(),
        Office::Slides => slides::read(bytes, limits)?.into(),
        Office::Sheet => sheet::read(bytes, limits)?.into(),
        Office::OdfText => odf::read_text(bytes, limits)?.into(),
        Office::OdfSlides => odf::read_slides(bytes, limits)?.into(),
        Office::Book => book::read(bytes, limits)?.into(),
        Office::Rtf => rtf::read(bytes, limits)?.into(),
    })
}

#[cfg(test)]
mod tests;
