//! Getting at objects: references followed, kinds converted, streams bounded.

use lopdf::{Dictionary, Document, Object, Stream};

/// Most references followed for one object.
const MOST_STEPS: usize = 32;

/// What is at the end of `object`'s references.
pub(super) fn resolve<'a>(document: &'a Document, object: &'a Object) -> Option<&'a Object> {
    let mut object = object;
    for _ in 0..MOST_STEPS {
        match object {
            Object::Reference(id) => object = document.get_object(*id).ok()?,
            other => return Some(other),
        }
    }
    None
}

/// The entry `key` of a dictionary, references followed.
pub(super) fn get<'a>(document: &'a Document, dictionary: &'a Dictionary, key: &[u8]) -> Option<&'a Object> {
    resolve(document, dictionary.get(key).ok()?)
}

/// The entry `key` as a dictionary; that of a stream counts too.
pub(super) fn dictionary<'a>(
    document: &'a Document,
    from: &'a Dictionary,
    key: &[u8],
) -> Option<&'a Dictionary> {
    match get(document, from, key)? {
        Object::Dictionary(dictionary) => Some(dictionary),
        Object::Stream(stream) => Some(&stream.dict),
        _ => None,
    }
}

/// The entry `key` as a number.
pub(super) fn number(document: &Document, from: &Dictionary, key: &[u8]) -> Option<f64> {
    as_number(get(document, from, key)?)
}

/// The entry `key` as a name.
pub(super) fn name<'a>(document: &'a Document, from: &'a Dictionary, key: &[u8]) -> Option<&'a [u8]> {
    get(document, from, key)?.as_name().ok()
}

/// The entry `key` as a list of numbers.
pub(super) fn numbers(document: &Document, from: &Dictionary, key: &[u8]) -> Option<Vec<f64>> {
    let items = get(document, from, key)?.as_array().ok()?;
    items.iter().map(|item| resolve(document, item).and_then(as_number)).collect()
}

pub(super) fn as_number(object: &Object) -> Option<f64> {
    match object {
        Object::Integer(value) => Some(*value as f64),
        Object::Real(value) => Some(f64::from(*value)),
        _ => None,
    }
    .filter(|value| value.is_finite())
}

/// A stream's content, its filters undone; `None` beyond `limit` bytes or where a filter is not known.
pub(super) fn content(document: &Document, stream: &Stream, limit: usize) -> Option<Vec<u8>> {
    // Filters may be objects of their own, where the library does not look for them.
    let direct = |object: &Object| match object {
        Object::Reference(_) => false,
        Object::Array(items) => !items.iter().any(|item| matches!(item, Object::Reference(_))),
        _ => true,
    };
    let keys = [&b"Filter"[..], b"DecodeParms"];
    if keys.iter().all(|key| stream.dict.get(key).map_or(true, direct)) {
        return stream.get_plain_content_with_limit(limit).ok();
    }
    let mut stream = stream.clone();
    for key in keys {
        let value = match get(document, &stream.dict, key) {
            Some(Object::Array(items)) => {
                Object::Array(items.iter().filter_map(|item| resolve(document, item).cloned()).collect())
            }
            Some(other) => other.clone(),
            None => continue,
        };
        stream.dict.set(key, value);
    }
    stream.get_plain_content_with_limit(limit).ok()
}

/// A transformation of coordinates, `[a b c d e f]` (ISO 32000-1, 8.3.4).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Matrix(pub(super) [f64; 6]);

impl Matrix {
    pub(super) const IDENTITY: Self = Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    /// From six finite numbers.
    pub(super) fn of(numbers: &[f64]) -> Option<Self> {
        let numbers: [f64; 6] = numbers.try_into().ok()?;
        numbers.iter().all(|number| number.is_finite()).then_some(Self(numbers))
    }

    /// First `self`, then `next`.
    pub(super) fn then(self, next: Self) -> Self {
        let ([a, b, c, d, e, f], [g, h, i, j, k, l]) = (self.0, next.0);
        Self([
            a * g + b * i,
            a * h + b * j,
            c * g + d * i,
            c * h + d * j,
            e * g + f * i + k,
            e * h + f * j + l,
        ])
    }

    pub(super) fn apply(self, x: f64, y: f64) -> (f64, f64) {
        let [a, b, c, d, e, f] = self.0;
        (a * x + c * y + e, b * x + d * y + f)
    }

    pub(super) fn translated(self, x: f64, y: f64) -> Self {
        Self([1.0, 0.0, 0.0, 1.0, x, y]).then(self)
    }

    /// Length of what is one unit high.
    pub(super) fn height_scale(self) -> f64 {
        self.0[2].hypot(self.0[3])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_followed_but_not_forever() {
        let mut document = Document::new();
        let end = document.add_object(Object::Integer(7));
        let near = document.add_object(Object::Reference(end));
        assert_eq!(resolve(&document, &Object::Reference(near)), Some(&Object::Integer(7)));
        let circle = document.new_object_id();
        document.objects.insert(circle, Object::Reference(circle));
        assert_eq!(resolve(&document, &Object::Reference(circle)), None);
    }

    #[test]
    fn transformations_chain() {
        let matrix = Matrix([2.0, 0.0, 0.0, 3.0, 10.0, 20.0]);
        assert_eq!(matrix.apply(1.0, 1.0), (12.0, 23.0));
        assert_eq!(matrix.then(matrix).apply(1.0, 1.0), matrix.apply(12.0, 23.0));
        assert_eq!(matrix.translated(1.0, 1.0).apply(0.0, 0.0), (12.0, 23.0));
        assert_eq!(matrix.height_scale(), 3.0);
    }
}
