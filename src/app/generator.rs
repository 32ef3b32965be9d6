//! The generator: what is to be made and what was made. Not the randomness.
use super::App;
use super::asks::CopySource;
use super::bindings::Action;
use super::layer::Layer;
use super::saving::SaveJob;
use super::strength::StrengthView;
use crate::service::generate::{Encoding, Recipe, entropy_bits, generate};
use crate::service::strength::Strength;
use crate::vault::{Random, SecretRef, SensitiveBytes};

/// What is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Characters of the chosen classes.
    Characters,
    /// Words of a list.
    Words,
    /// Random bytes as URL-safe text.
    Token,
}

/// The rows in the order of Tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum GeneratorRow {
    Shape,
    Length,
    Lower,
    Upper,
    Digits,
    Symbols,
    Readable,
}

/// What the value is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GenerateFor {
    /// The value field of the form or editor below.
    Field,
    /// A new revision of that secret, of that revision now.
    Secret(SecretRef, u64),
    /// Nothing yet: it may be copied, or become a new secret.
    Nothing,
}

/// The state of the generator.
pub struct Generator {
    /// What is made.
    pub shape: Shape,
    /// Characters (8–128), words (3–12) or bytes (8–64), by shape.
    pub length: usize,
    /// a–z.
    pub lower: bool,
    /// A–Z.
    pub upper: bool,
    /// 0–9.
    pub digits: bool,
    /// Symbols.
    pub symbols: bool,
    /// Without characters that are easily mistaken.
    pub readable: bool,
    /// Which row has the focus.
    pub focus: GeneratorRow,
    /// The value; `None` when the system gave no randomness or no class is chosen.
    pub value: Option<SensitiveBytes>,
    /// Its strength.
    pub strength: Option<StrengthView>,
    /// Why there is none.
    pub problem: Option<String>,
    /// What it is for.
    pub target: GenerateFor,
}

/// The rows in the order of Tab.
const ROWS: [GeneratorRow; 7] = [
    GeneratorRow::Shape,
    GeneratorRow::Length,
    GeneratorRow::Lower,
    GeneratorRow::Upper,
    GeneratorRow::Digits,
    GeneratorRow::Symbols,
    GeneratorRow::Readable,
];

impl Shape {
    /// The shortest, the usual and the longest length.
    fn lengths(self) -> (usize, usize, usize) {
        match self {
            Self::Characters => (8, 22, 128),
            Self::Words => (3, 6, 12),
            Self::Token => (8, 32, 64),
        }
    }
}

impl Generator {
    fn new(target: GenerateFor) -> Self {
        Self {
            shape: Shape::Characters,
            length: Shape::Characters.lengths().1,
            lower: true,
            upper: true,
            digits: true,
            symbols: true,
            readable: false,
            focus: GeneratorRow::Shape,
            value: None,
            strength: None,
            problem: None,
            target,
        }
    }

    fn recipe(&self) -> Recipe {
        match self.shape {
            Shape::Characters => Recipe::Characters {
                length: self.length,
                lower: self.lower,
                upper: self.upper,
                digits: self.digits,
                symbols: self.symbols,
                readable: self.readable,
            },
            Shape::Words => {
                Recipe::Words { count: self.length, separator: "-".to_owned(), capitalise: false }
            }
            Shape::Token => Recipe::Token { bytes: self.length, encoding: Encoding::Base64Url },
        }
    }

    /// Makes another value by what is chosen.
    fn make(&mut self, random: &dyn Random) {
        let recipe = self.recipe();
        (self.value, self.strength, self.problem) = (None, None, None);
        match generate(&recipe, random) {
            Ok(value) => {
                let strength = Strength::of_bits(entropy_bits(&recipe));
                self.strength = Some(StrengthView::of(&strength));
                self.value = Some(value);
            }
            Err(error) => self.problem = Some(error.to_string()),
        }
    }

    /// The rows that mean something for this shape.
    fn rows(&self) -> &'static [GeneratorRow] {
        if self.shape == Shape::Characters { &ROWS } else { &ROWS[..2] }
    }

    pub(super) fn focus_row(&mut self, at: usize) {
        if let Some(row) = self.rows().get(at) {
            self.focus = *row;
        }
    }

    fn step(&mut self, forward: bool) {
        let rows = self.rows();
        let at = rows.iter().position(|row| *row == self.focus).unwrap_or(0);
        let to = at + if forward { 1 } else { rows.len() - 1 };
        self.focus = rows[to % rows.len()];
    }

    /// Changes the focused row.
    fn turn(&mut self, forward: bool) {
        let (least, _, most) = self.shape.lengths();
        match self.focus {
            GeneratorRow::Shape => {
                self.shape = match (self.shape, forward) {
                    (Shape::Characters, true) | (Shape::Token, false) => Shape::Words,
                    (Shape::Words, true) | (Shape::Characters, false) => Shape::Token,
                    (Shape::Token, true) | (Shape::Words, false) => Shape::Characters,
                };
                self.length = self.shape.lengths().1;
            }
            GeneratorRow::Length => {
                let to = if forward { self.length + 1 } else { self.length.saturating_sub(1) };
                self.length = to.clamp(least, most);
            }
            GeneratorRow::Lower => self.lower = !self.lower,
            GeneratorRow::Upper => self.upper = !self.upper,
            GeneratorRow::Digits => self.digits = !self.digits,
            GeneratorRow::Symbols => self.symbols = !self.symbols,
            GeneratorRow::Readable => self.readable = !self.readable,
        }
    }
}

impl App {
    /// For the selected secret: its next revision. Without one: a new secret.
    pub(super) fn open_generator(&mut self) {
        let selected = self.selected_revision();
        let target = selected
            .map_or(GenerateFor::Nothing, |(name, revision)| GenerateFor::Secret(name, revision));
        self.hide_values();
        self.generator_for(target);
    }

    /// For the value field of the form or editor on top.
    pub(super) fn generate_for_field(&mut self) {
        self.generator_for(GenerateFor::Field);
    }

    fn generator_for(&mut self, target: GenerateFor) {
        let mut generator = Generator::new(target);
        generator.make(&*self.settings.random);
        self.layers.push(Layer::Generator(generator));
    }

    pub(super) fn generator_act(&mut self, action: Action) {
        let random = self.settings.random.clone();
        let saving = self.asks.any(|ask| matches!(ask, super::asks::Ask::Save(_)));
        let Some(generator) = self.generator().filter(|_| !saving) else { return };
        let on_box = !matches!(generator.focus, GeneratorRow::Shape | GeneratorRow::Length);
        match action {
            Action::Close => self.pop_layer(),
            Action::Accept => self.use_generated(),
            Action::Copy if generator.value.is_some() => self.copy(CopySource::Generated),
            Action::Next => generator.step(true),
            Action::Previous => generator.step(false),
            Action::Left | Action::Right => {
                generator.turn(action == Action::Right);
                generator.make(&*random);
            }
            Action::Again => {
                if on_box {
                    generator.turn(true);
                }
                generator.make(&*random);
            }
            _ => {}
        }
    }

    fn use_generated(&mut self) {
        let Some(generator) = self.generator() else { return };
        if generator.value.is_none() {
            return;
        }
        match generator.target.clone() {
            GenerateFor::Secret(name, revision) => self.save(SaveJob::Generated(name, revision)),
            GenerateFor::Field => {
                let value = generator.value.take();
                self.pop_layer();
                if let Some(value) = value {
                    self.fill_value(&value);
                }
            }
            GenerateFor::Nothing => {
                let value = generator.value.take();
                self.pop_layer();
                self.add_form_with(value.as_ref());
            }
        }
    }

    /// Puts a generated value into the form or editor on top.
    fn fill_value(&mut self, value: &SensitiveBytes) {
        match self.layers.last_mut() {
            Some(Layer::AddForm(form)) => {
                form.value.clear();
                form.value.paste(value);
                self.add_typed();
            }
            Some(Layer::Editor(editor)) => {
                editor.text.clear();
                editor.text.paste(value);
                self.editor_typed();
            }
            _ => {}
        }
    }
}
