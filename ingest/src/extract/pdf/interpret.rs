//! Interpreting content streams: which glyph is shown where (ISO 32000-1, chapters 8 and 9).

use std::collections::HashMap;
use std::rc::Rc;
use std::time::Instant;

use lopdf::{Dictionary, Document, Object, Stream};

use super::canvas::{Canvas, Glyph, Path};
use super::font::Font;
use super::glyphs::Glyphs;
use super::lexer::{Lexer, Operand};
use super::marks::Marks;
use super::objects::{Matrix, content, dictionary, get, name, numbers, resolve};

/// Deepest nesting of forms, and most saved states.
const DEEPEST_FORM: usize = 16;
const MOST_STATES: usize = 512;

/// What may be spent on one page: operators, and bytes of decoded streams.
const OPERATORS: u64 = 4_000_000;
const BYTES: usize = 256 << 20;

/// Largest content stream, in bytes.
const STREAM: usize = 128 << 20;

/// Operators between looks at the clock.
const TICK: u64 = 2_048;

/// Why interpreting ends early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The page is more than a page can be. What was read of it stays.
    Much,
    /// Time is up.
    Late,
}

/// Fonts of a document, by the address of their dictionary.
#[derive(Default)]
pub(super) struct Fonts {
    known: HashMap<usize, Rc<Font>>,
    glyphs: Glyphs,
}

impl Fonts {
    fn of(&mut self, document: &Document, font: &Dictionary) -> Rc<Font> {
        let address = std::ptr::from_ref(font) as usize;
        let glyphs = &mut self.glyphs;
        Rc::clone(self.known.entry(address).or_insert_with(|| Rc::new(Font::of(document, font, glyphs))))
    }
}

/// The graphics state, as far as text depends on it.
#[derive(Clone)]
struct State {
    matrix: Matrix,
    font: Option<Rc<Font>>,
    size: f64,
    char_space: f64,
    word_space: f64,
    scale: f64,
    leading: f64,
    rise: f64,
}

impl Default for State {
    fn default() -> Self {
        Self {
            matrix: Matrix::IDENTITY,
            font: None,
            size: 1.0,
            char_space: 0.0,
            word_space: 0.0,
            scale: 1.0,
            leading: 0.0,
            rise: 0.0,
        }
    }
}

/// Interprets the content of one page.
pub(super) struct Interpreter<'d, 'f> {
    document: &'d Document,
    fonts: &'f mut Fonts,
    pub(super) canvas: Canvas,
    state: State,
    saved: Vec<State>,
    line: Matrix,
    text: Matrix,
    path: Path,
    marks: Marks,
    operators: u64,
    bytes: usize,
    deadline: Instant,
}

impl<'d, 'f> Interpreter<'d, 'f> {
    pub(super) fn new(document: &'d Document, fonts: &'f mut Fonts, deadline: Instant) -> Self {
        Self {
            document,
            fonts,
            canvas: Canvas::default(),
            state: State::default(),
            saved: Vec::new(),
            line: Matrix::IDENTITY,
            text: Matrix::IDENTITY,
            path: Path::default(),
            marks: Marks::default(),
            operators: 0,
            bytes: 0,
            deadline,
        }
    }

    /// Interprets a content stream or a form's.
    pub(super) fn run(
        &mut self,
        bytes: &[u8],
        resources: Option<&'d Dictionary>,
        depth: usize,
    ) -> Result<(), Stop> {
        self.bytes += bytes.len();
        if self.bytes > BYTES {
            return Err(Stop::Much);
        }
        let mut lexer = Lexer::new(bytes);
        let mut operands = Vec::new();
        while let Some(operator) = lexer.next(&mut operands) {
            self.operators += 1;
            if self.operators > OPERATORS || self.canvas.is_full() {
                return Err(Stop::Much);
            }
            if self.operators.is_multiple_of(TICK) && Instant::now() > self.deadline {
                return Err(Stop::Late);
            }
            self.operate(operator, &operands, resources, depth)?;
        }
        Ok(())
    }

    fn operate(
        &mut self,
        operator: &[u8],
        operands: &[Operand],
        resources: Option<&'d Dictionary>,
        depth: usize,
    ) -> Result<(), Stop> {
        let n = |at: usize| operands.get(at).and_then(Operand::number).unwrap_or(0.0);
        let matrix = || {
            let numbers: Vec<f64> = operands.iter().filter_map(Operand::number).collect();
            Matrix::of(&numbers)
        };
        match operator {
            b"q" if self.saved.len() < MOST_STATES => self.saved.push(self.state.clone()),
            b"Q" => {
                if let Some(state) = self.saved.pop() {
                    self.state = state;
                }
            }
            b"cm" => {
                if let Some(matrix) = matrix() {
                    self.state.matrix = matrix.then(self.state.matrix);
                }
            }
            b"BT" => (self.line, self.text) = (Matrix::IDENTITY, Matrix::IDENTITY),
            b"Tm" => {
                if let Some(matrix) = matrix() {
                    (self.line, self.text) = (matrix, matrix);
                }
            }
            b"Td" => self.next_line(n(0), n(1)),
            b"TD" => {
                self.state.leading = -n(1);
                self.next_line(n(0), n(1));
            }
            b"T*" => self.next_line(0.0, -self.state.leading),
            b"Tc" => self.state.char_space = n(0),
            b"Tw" => self.state.word_space = n(0),
            b"Tz" => self.state.scale = n(0) / 100.0,
            b"TL" => self.state.leading = n(0),
            b"Ts" => self.state.rise = n(0),
            b"Tf" => {
                if let Some(font) = operands.first().and_then(Operand::name) {
                    self.font(font, resources);
                }
                self.state.size = n(1);
            }
            b"gs" => self.graphics_state(operands, resources),
            b"Tj" => self.show_operand(operands.first()),
            b"'" => {
                self.next_line(0.0, -self.state.leading);
                self.show_operand(operands.first());
            }
            b"\"" => {
                self.state.word_space = n(0);
                self.state.char_space = n(1);
                self.next_line(0.0, -self.state.leading);
                self.show_operand(operands.get(2));
            }
            b"TJ" => {
                for item in operands
                    .first()
                    .and_then(|item| if let Operand::Array(items) = item { Some(items) } else { None })
                    .into_iter()
                    .flatten()
                {
                    match item {
                        Operand::Number(back) => self.forward(-back / 1_000.0 * self.state.size),
                        Operand::Text(text) => self.show(text),
                        _ => {}
                    }
                }
            }
            b"m" => self.path.move_to(self.state.matrix.apply(n(0), n(1))),
            b"l" => self.path.line_to(self.state.matrix.apply(n(0), n(1))),
            b"re" => self.path.rectangle(self.state.matrix, n(0), n(1), n(2), n(3)),
            b"S" | b"s" | b"B" | b"B*" | b"b" | b"b*" => {
                std::mem::take(&mut self.path).stroke(&mut self.canvas);
            }
            b"f" | b"F" | b"f*" => std::mem::take(&mut self.path).fill(&mut self.canvas),
            b"n" => self.path = Path::default(),
            b"BMC" | b"BDC" => self.marks.begin(self.document, operands, resources),
            b"EMC" => self.marks.end(),
            b"EI" => self.picture(),
            b"Do" => return self.draw(operands.first().and_then(Operand::name), resources, depth),
            _ => {}
        }
        Ok(())
    }

    /// Forgets what the page has set, before a form that stands by itself.
    pub(super) fn reset(&mut self) {
        self.saved.clear();
        self.marks = Marks::default();
        self.state = State::default();
    }

    fn next_line(&mut self, x: f64, y: f64) {
        self.line = self.line.translated(x, y);
        self.text = self.line;
    }

    fn forward(&mut self, distance: f64) {
        self.text = self.text.translated(distance * self.state.scale, 0.0);
    }

    fn font(&mut self, wanted: &[u8], resources: Option<&'d Dictionary>) {
        let font = resources
            .and_then(|resources| dictionary(self.document, resources, b"Font"))
            .and_then(|fonts| dictionary(self.document, fonts, wanted));
        self.state.font = font.map(|font| self.fonts.of(self.document, font));
    }

    /// A graphics state may set the font too.
    fn graphics_state(&mut self, operands: &[Operand], resources: Option<&'d Dictionary>) {
        let Some(wanted) = operands.first().and_then(Operand::name) else { return };
        let font = resources
            .and_then(|resources| dictionary(self.document, resources, b"ExtGState"))
            .and_then(|states| dictionary(self.document, states, wanted))
            .and_then(|state| get(self.document, state, b"Font")?.as_array().ok());
        let Some([font, size]) = font.map(Vec::as_slice) else { return };
        if let Some(font) = resolve(self.document, font).and_then(|font| font.as_dict().ok()) {
            self.state.font = Some(self.fonts.of(self.document, font));
            self.state.size = super::objects::as_number(size).unwrap_or(self.state.size);
        }
    }

    fn show_operand(&mut self, operand: Option<&Operand>) {
        if let Some(text) = operand.and_then(Operand::text) {
            self.show(text);
        }
    }

    fn show(&mut self, bytes: &[u8]) {
        let font = match &self.state.font {
            Some(font) => Rc::clone(font),
            None => {
                let font = Rc::new(Font::fallback(&mut self.fonts.glyphs));
                self.state.font = Some(Rc::clone(&font));
                font
            }
        };
        let mut rest = bytes;
        while let Some((code, after)) = font.next(rest) {
            rest = after;
            let text = font.text(&code);
            let width = font.width(&code, text.as_deref());
            let is_space = code.bytes == b" ";
            let space = self.state.char_space + if is_space { self.state.word_space } else { 0.0 };
            self.place(&font, width, text.as_deref());
            self.forward(width * self.state.size + space);
            if self.canvas.is_full() {
                return;
            }
        }
    }

    fn place(&mut self, font: &Font, width: f64, text: Option<&str>) {
        let Some(text) = self.marks.replace(text) else { return };
        let Some(text) = text else {
            self.canvas.unknown += 1;
            return;
        };
        let State { size, scale, rise, matrix, .. } = self.state;
        let frame = Matrix([size * scale, 0.0, 0.0, size, 0.0, rise]).then(self.text).then(matrix);
        let (x, y) = frame.apply(0.0, 0.0);
        let (end_x, end_y) = frame.apply(width, 0.0);
        let size = frame.height_scale();
        if [x, y, end_x, end_y, size].iter().all(|number| number.is_finite() && number.abs() < 1e6)
            && size > 0.1
        {
            let glyph = Glyph {
                x,
                y,
                advance: (end_x - x, end_y - y),
                size,
                text: (0, 0),
                bold: font.bold,
                mono: font.mono,
            };
            self.canvas.push(glyph, &text);
        }
    }

    /// A picture covers the unit square.
    fn picture(&mut self) {
        let matrix = self.state.matrix;
        let area = matrix.0[0] * matrix.0[3] - matrix.0[1] * matrix.0[2];
        self.canvas.pictures += area.abs().min(1e9);
    }

    fn draw(
        &mut self,
        wanted: Option<&[u8]>,
        resources: Option<&'d Dictionary>,
        depth: usize,
    ) -> Result<(), Stop> {
        let stream = wanted
            .zip(resources)
            .and_then(|(wanted, resources)| {
                let objects = dictionary(self.document, resources, b"XObject")?;
                get(self.document, objects, wanted)
            })
            .and_then(|object| object.as_stream().ok());
        let Some(stream) = stream else { return Ok(()) };
        match name(self.document, &stream.dict, b"Subtype") {
            Some(b"Image") => self.picture(),
            Some(b"Form") => return self.form(stream, Matrix::IDENTITY, resources, depth),
            _ => {}
        }
        Ok(())
    }

    /// Interprets a form placed by `place`.
    pub(super) fn form(
        &mut self,
        stream: &'d Stream,
        place: Matrix,
        resources: Option<&'d Dictionary>,
        depth: usize,
    ) -> Result<(), Stop> {
        if depth >= DEEPEST_FORM {
            return Ok(());
        }
        let Some(bytes) = content(self.document, stream, STREAM) else { return Ok(()) };
        let matrix = numbers(self.document, &stream.dict, b"Matrix").and_then(|numbers| Matrix::of(&numbers));
        let own = dictionary(self.document, &stream.dict, b"Resources").or(resources);
        let state = self.state.clone();
        let saved = std::mem::take(&mut self.saved);
        let frames = (self.line, self.text);
        self.state.matrix = matrix.unwrap_or(Matrix::IDENTITY).then(place).then(self.state.matrix);
        let result = self.run(&bytes, own, depth + 1);
        self.state = state;
        self.saved = saved;
        (self.line, self.text) = frames;
        result
    }

    /// The content of a page: one stream or several that count as one.
    pub(super) fn page(
        &mut self,
        page: &'d Dictionary,
        resources: Option<&'d Dictionary>,
    ) -> Result<(), Stop> {
        let mut bytes = Vec::new();
        let parts = match get(self.document, page, b"Contents") {
            Some(Object::Array(parts)) => {
                parts.iter().filter_map(|part| resolve(self.document, part)).collect()
            }
            Some(part) => vec![part],
            None => Vec::new(),
        };
        let mut much = false;
        for part in parts {
            let Ok(stream) = part.as_stream() else { continue };
            match content(self.document, stream, STREAM) {
                Some(part) if bytes.len() + part.len() <= BYTES => {
                    bytes.extend_from_slice(&part);
                    bytes.push(b'\n');
                }
                _ => much = true,
            }
        }
        self.run(&bytes, resources, 0)?;
        if much { Err(Stop::Much) } else { Ok(()) }
    }
}
