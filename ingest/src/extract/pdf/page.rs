//! Pages: their boxes, resources and what is drawn on them.

use lopdf::{Dictionary, Document, Object, ObjectId, Stream};

use super::canvas::Canvas;
use super::interpret::{Interpreter, Stop};
use super::objects::{Matrix, dictionary, get, name, number, numbers, resolve};
use super::words::Frame;

/// Most steps up the tree of pages, for what pages inherit.
const MOST_STEPS: usize = 64;

/// Most annotations of a page that are looked at.
const MOST_NOTES: usize = 5_000;

/// US Letter, for pages without a box.
const LETTER: [f64; 4] = [0.0, 0.0, 612.0, 792.0];

/// The ids of at most `limit` pages, in order. Where the tree of pages is broken, all objects that are pages.
pub(super) fn ids(document: &Document, limit: usize) -> Vec<ObjectId> {
    let ids: Vec<ObjectId> = document.page_iter().take(limit).collect();
    if !ids.is_empty() {
        return ids;
    }
    let is_page = |object: &Object| object.as_dict().is_ok_and(|page| page.has_type(b"Page"));
    document.objects.iter().filter(|(_, object)| is_page(object)).map(|(id, _)| *id).take(limit).collect()
}

/// What a page or one above it says of `key`.
fn inherited<'d>(document: &'d Document, page: &'d Dictionary, key: &[u8]) -> Option<&'d Object> {
    let mut node = page;
    for _ in 0..MOST_STEPS {
        if let Some(value) = get(document, node, key) {
            return Some(value);
        }
        node = dictionary(document, node, b"Parent")?;
    }
    None
}

/// The visible part of a page, and how it is turned.
pub(super) fn frame(document: &Document, page: &Dictionary) -> Frame {
    let rectangle = |key: &[u8]| {
        let items = inherited(document, page, key)?.as_array().ok()?;
        let numbers: Vec<f64> =
            items.iter().filter_map(|item| super::objects::as_number(resolve(document, item)?)).collect();
        let [a, b, c, d] = numbers.try_into().ok()?;
        Some([f64::min(a, c), f64::min(b, d), f64::max(a, c), f64::max(b, d)])
    };
    let usable =
        |r: &[f64; 4]| r[2] - r[0] > 1.0 && r[3] - r[1] > 1.0 && r.iter().all(|side| side.abs() < 1e6);
    let media = rectangle(b"MediaBox").filter(usable).unwrap_or(LETTER);
    let [left, bottom, right, top] = rectangle(b"CropBox")
        .map(|crop| {
            [crop[0].max(media[0]), crop[1].max(media[1]), crop[2].min(media[2]), crop[3].min(media[3])]
        })
        .filter(usable)
        .unwrap_or(media);
    let degrees = inherited(document, page, b"Rotate").and_then(super::objects::as_number).unwrap_or(0.0);
    let turns = (degrees / 90.0).round().rem_euclid(4.0) as u8;
    Frame { left, bottom, right, top, turns }
}

/// Interprets a page with its form fields. What was read until it stopped is in the canvas.
pub(super) fn draw<'d>(
    document: &'d Document,
    page: &'d Dictionary,
    mut interpreter: Interpreter<'d, '_>,
) -> (Canvas, Result<(), Stop>) {
    let resources = inherited(document, page, b"Resources").and_then(|resources| resources.as_dict().ok());
    let mut result = interpreter.page(page, resources);
    if result.is_ok() {
        result = interpreter.notes(document, page);
    }
    (interpreter.canvas, result)
}

impl<'d> Interpreter<'d, '_> {
    /// What fields of forms and text notes show (ISO 32000-1, 12.5.5).
    fn notes(&mut self, document: &'d Document, page: &'d Dictionary) -> Result<(), Stop> {
        let notes = get(document, page, b"Annots").and_then(|notes| notes.as_array().ok());
        for note in notes.into_iter().flatten().take(MOST_NOTES) {
            let Some(note) = resolve(document, note).and_then(|note| note.as_dict().ok()) else { continue };
            let kind = name(document, note, b"Subtype");
            let flags = number(document, note, b"F").unwrap_or(0.0) as i64;
            if !matches!(kind, Some(b"Widget" | b"FreeText")) || flags & 0b10_0010 != 0 {
                continue;
            }
            let Some(stream) = appearance(document, note) else { continue };
            let rectangle = numbers(document, note, b"Rect").unwrap_or_default();
            let [x0, y0, x1, y1] = rectangle.as_slice() else { continue };
            let place = place(bounds(document, stream), [x0.min(*x1), y0.min(*y1), x0.max(*x1), y0.max(*y1)]);
            self.reset();
            self.form(stream, place, None, 1)?;
        }
        Ok(())
    }
}

/// The box of an appearance as its own matrix places it.
fn bounds(document: &Document, stream: &Stream) -> Option<[f64; 4]> {
    let own = numbers(document, &stream.dict, b"Matrix").and_then(|numbers| Matrix::of(&numbers));
    let own = own.unwrap_or(Matrix::IDENTITY);
    let corners: [f64; 4] = numbers(document, &stream.dict, b"BBox")?.try_into().ok()?;
    let [a, b, c, d] = corners;
    let points = [(a, b), (c, b), (a, d), (c, d)].map(|(x, y)| own.apply(x, y));
    let least = |pick: fn(&(f64, f64)) -> f64| points.iter().map(pick).fold(f64::MAX, f64::min);
    let most = |pick: fn(&(f64, f64)) -> f64| points.iter().map(pick).fold(f64::MIN, f64::max);
    Some([least(|point| point.0), least(|point| point.1), most(|point| point.0), most(|point| point.1)])
}

/// What maps one box on another.
fn place(from: Option<[f64; 4]>, to: [f64; 4]) -> Matrix {
    match from {
        Some([a, b, c, d]) if c - a > 0.01 && d - b > 0.01 => {
            let (sx, sy) = ((to[2] - to[0]) / (c - a), (to[3] - to[1]) / (d - b));
            Matrix([sx, 0.0, 0.0, sy, to[0] - a * sx, to[1] - b * sy])
        }
        _ => Matrix([1.0, 0.0, 0.0, 1.0, to[0], to[1]]),
    }
}

fn appearance<'d>(document: &'d Document, note: &'d Dictionary) -> Option<&'d Stream> {
    match get(document, dictionary(document, note, b"AP")?, b"N")? {
        Object::Stream(stream) => Some(stream),
        Object::Dictionary(states) => {
            let state = name(document, note, b"AS")?;
            get(document, states, state)?.as_stream().ok()
        }
        _ => None,
    }
}
