//! `reader`: an iterator of rows over an iterator of lines.

use std::cell::Cell;

use pyco_exec::VmCell;
use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::iter::self_iter;
use pyco_exec::object::native::GetSetDef;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{Slots, UnaryOp};
use pyco_exec::object::str_::Str;
use pyco_exec::text::StrBuf;
use pyco_exec::{Args, PyResult, Value, Vm};

use super::dialect::{Dialect, of_arguments};
use super::{NONE, NONNUMERIC, NOTNULL, STRINGS, State as ModuleState, complain, name_in_messages};

/// Where in a row the next character is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    StartOfRow,
    StartOfField,
    Escaped,
    Field,
    Quoted,
    EscapedInQuoted,
    QuoteInQuoted,
    LineEnd,
    AfterEscapedLineEnd,
}

/// The row that is being read.
struct Row {
    /// Nothing once they were given away.
    fields: Option<Vec<Value>>,
    field: Vec<u32>,
    /// Whether the field had no quotes; up to 3.12 whether it is to be a number.
    is_unquoted: bool,
    place: Place,
}

impl Row {
    fn new() -> Row {
        Row {
            fields: Some(Vec::new()),
            field: Vec::new(),
            is_unquoted: false,
            place: Place::StartOfRow,
        }
    }
}

/// The payload.
struct Reader {
    lines: Value,
    dialect: Ref<Dialect>,
    row: VmCell<Row>,
    line_count: Cell<i64>,
}

impl Payload for Reader {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.lines);
        visit(self.dialect.as_value());
    }
}

pub(super) static READER: ClassDef = ClassDef::new::<Reader>("_csv.reader", slots)
    .subclassable()
    .no_instances()
    .attributes(&[
        GetSetDef::get("dialect", |vm, this| {
            Ok(receiver::<Reader>(vm, this)?.dialect.as_value().clone())
        })
        .member(),
        GetSetDef::get("line_num", |vm, this| {
            let count = receiver::<Reader>(vm, this)?.line_count.get();
            Ok(vm.int(count))
        })
        .member(),
    ]);

fn slots(slots: &Slots, _minor_version: u8) {
    slots.set_unary(UnaryOp::Iter, self_iter);
    slots.next.set(Some(next));
}

/// `reader(...)`.
pub(super) fn open(vm: &mut Vm, _module: &Value, args: Args<'_>) -> PyResult {
    let name = name_in_messages(vm, "reader");
    pyco_exec::call::check_count(vm, name, args.positional().len(), 1, 2)?;
    let lines = vm.iter(&args.positional()[0])?;
    let dialect = of_arguments(vm, args.rest())?;
    let reader = Reader {
        lines,
        dialect,
        row: VmCell::new(Row::new()),
        line_count: Cell::new(0),
    };
    let class = vm.class(&READER);
    Ok(Value::from(Ref::new(&class, reader)))
}

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let reader = receiver::<Reader>(vm, this)?.clone();
    *reader.row.get_mut(vm) = Row::new();
    loop {
        let Some(line) = vm.next(&reader.lines)? else {
            let row = reader.row.get(vm);
            if row.field.is_empty() && row.place != Place::Quoted {
                return Ok(None);
            }
            if reader.dialect.strict {
                return Err(complain(vm, "unexpected end of data"));
            }
            reader.save(vm)?;
            break;
        };
        if reader.row.get(vm).fields.is_none() {
            // The iterator of lines has asked for a row itself.
            return Err(complain(vm, "iterator has already advanced the reader"));
        }
        let Some(line) = line.downcast::<Str>() else {
            let found = vm.type_name(&line);
            return Err(complain(
                vm,
                &format!(
                    "iterator should return strings, not {found} (the file should be opened in text mode)"
                ),
            ));
        };
        reader.line_count.set(reader.line_count.get() + 1);
        let pending = reader.row.get(vm).field.len();
        vm.check_growth((pending + line.len()).saturating_mul(4))?;
        for character in line.view().chars() {
            reader.take(vm, Some(character))?;
        }
        reader.take(vm, None)?;
        if reader.row.get(vm).place == Place::StartOfRow {
            break;
        }
    }
    let fields = reader.row.get_mut(vm).fields.take();
    Ok(Some(vm.new_list(fields.unwrap_or_default())))
}

const LINE_FEED: u32 = b'\n' as u32;

impl Reader {
    /// Takes the next character, or the end of the line.
    fn take(&self, vm: &mut Vm, character: Option<u32>) -> PyResult<()> {
        let is_line_end = matches!(character, None | Some(0x0A | 0x0D));
        let place = self.row.get(vm).place;
        match (place, character) {
            (Place::StartOfRow, None) => Ok(()),
            (Place::StartOfRow, _) if is_line_end => self.go(vm, Place::LineEnd),
            (Place::StartOfRow | Place::StartOfField, _) => self.start_field(vm, character),
            (Place::Escaped, Some(end)) if is_line_end => {
                self.add(vm, end)?;
                self.go(vm, Place::AfterEscapedLineEnd)
            }
            (Place::Escaped, _) => {
                self.add(vm, character.unwrap_or(LINE_FEED))?;
                self.go(vm, Place::Field)
            }
            (Place::AfterEscapedLineEnd, None) => Ok(()),
            (Place::AfterEscapedLineEnd | Place::Field, _) => self.in_field(vm, character),
            (Place::Quoted, None) => Ok(()),
            (Place::Quoted, Some(c)) => self.in_quotes(vm, c),
            (Place::EscapedInQuoted, _) => {
                self.add(vm, character.unwrap_or(LINE_FEED))?;
                self.go(vm, Place::Quoted)
            }
            (Place::QuoteInQuoted, _) => self.after_quote(vm, character),
            (Place::LineEnd, None) => self.go(vm, Place::StartOfRow),
            (Place::LineEnd, _) if is_line_end => Ok(()),
            (Place::LineEnd, _) => {
                let how = match vm.version_number() {
                    ..13 => "in universal-newline mode",
                    _ => "with newline=''",
                };
                let message = format!(
                    "new-line character seen in unquoted field - do you need to open the file {how}?"
                );
                Err(complain(vm, &message))
            }
        }
    }

    fn go(&self, vm: &mut Vm, place: Place) -> PyResult<()> {
        self.row.get_mut(vm).place = place;
        Ok(())
    }

    /// Whether a character quotes.
    fn is_quote(&self, character: Option<u32>) -> bool {
        character.is_some() && character == self.dialect.quote && self.dialect.quoting != NONE
    }

    fn is_escape(&self, character: Option<u32>) -> bool {
        character.is_some() && character == self.dialect.escape
    }

    /// Ends a field and, if it is the line that ends, the row.
    fn end_field(&self, vm: &mut Vm, character: Option<u32>) -> PyResult<()> {
        self.save(vm)?;
        match character {
            None => self.go(vm, Place::StartOfRow),
            Some(c) if c == self.dialect.delimiter => self.go(vm, Place::StartOfField),
            Some(_) => self.go(vm, Place::LineEnd),
        }
    }

    fn start_field(&self, vm: &mut Vm, character: Option<u32>) -> PyResult<()> {
        let tells_quotes = vm.version_number() >= 13;
        self.row.get_mut(vm).is_unquoted = tells_quotes;
        match character {
            None | Some(0x0A | 0x0D) => {
                self.save(vm)?;
                let is_end = character.is_none();
                self.go(
                    vm,
                    if is_end {
                        Place::StartOfRow
                    } else {
                        Place::LineEnd
                    },
                )
            }
            _ if self.is_quote(character) => {
                self.row.get_mut(vm).is_unquoted = false;
                self.go(vm, Place::Quoted)
            }
            _ if self.is_escape(character) => self.go(vm, Place::Escaped),
            Some(0x20) if self.dialect.skip_initial_space => self.go(vm, Place::StartOfField),
            Some(c) if c == self.dialect.delimiter => self.end_field(vm, character),
            Some(c) => {
                self.row.get_mut(vm).is_unquoted = true;
                self.add(vm, c)?;
                self.go(vm, Place::Field)
            }
        }
    }

    fn in_field(&self, vm: &mut Vm, character: Option<u32>) -> PyResult<()> {
        match character {
            None => self.end_field(vm, None),
            Some(0x0A | 0x0D) => {
                self.save(vm)?;
                self.go(vm, Place::LineEnd)
            }
            _ if self.is_escape(character) => self.go(vm, Place::Escaped),
            Some(c) if c == self.dialect.delimiter => self.end_field(vm, character),
            // Behind an escaped line end it stays there.
            Some(c) => self.add(vm, c),
        }
    }

    fn in_quotes(&self, vm: &mut Vm, character: u32) -> PyResult<()> {
        if self.is_escape(Some(character)) {
            return self.go(vm, Place::EscapedInQuoted);
        }
        match self.is_quote(Some(character)) {
            true if self.dialect.double_quote => self.go(vm, Place::QuoteInQuoted),
            true => self.go(vm, Place::Field),
            false => self.add(vm, character),
        }
    }

    fn after_quote(&self, vm: &mut Vm, character: Option<u32>) -> PyResult<()> {
        match character {
            _ if self.is_quote(character) => {
                self.add(vm, character.unwrap_or(LINE_FEED))?;
                self.go(vm, Place::Quoted)
            }
            Some(c) if c == self.dialect.delimiter => self.end_field(vm, character),
            None => self.end_field(vm, None),
            Some(0x0A | 0x0D) => {
                self.save(vm)?;
                self.go(vm, Place::LineEnd)
            }
            Some(c) if !self.dialect.strict => {
                self.add(vm, c)?;
                self.go(vm, Place::Field)
            }
            Some(_) => {
                let text = |c: u32| char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER);
                let delimiter = text(self.dialect.delimiter);
                let quote = text(self.dialect.quote.unwrap_or(0));
                let message = format!("'{delimiter}' expected after '{quote}'");
                Err(complain(vm, &message))
            }
        }
    }

    fn add(&self, vm: &mut Vm, character: u32) -> PyResult<()> {
        let limit = vm.state::<ModuleState>().limit;
        let field = &mut self.row.get_mut(vm).field;
        if field.len() as i64 >= limit {
            let message = format!("field larger than field limit ({limit})");
            return Err(complain(vm, &message));
        }
        field.push(character);
        Ok(())
    }

    /// Ends the field: a str, a number or `None`.
    fn save(&self, vm: &mut Vm) -> PyResult<()> {
        let row = self.row.get_mut(vm);
        let (field, is_unquoted) = (std::mem::take(&mut row.field), row.is_unquoted);
        row.is_unquoted = false;
        let (quoting, is_new) = (self.dialect.quoting, vm.version_number() >= 13);
        let is_none = is_new && matches!(quoting, NOTNULL | STRINGS) && field.is_empty();
        let is_number =
            !field.is_empty() && (quoting == NONNUMERIC || is_new && quoting == STRINGS);
        let value = match is_unquoted {
            true if is_none => Value::NONE,
            is_unquoted => {
                let text = vm.str_from_buf(StrBuf::from_ucs4(field));
                match is_unquoted && is_number {
                    true => {
                        let class = vm.types.float.clone();
                        vm.call(class.as_value(), &[text])?
                    }
                    false => text,
                }
            }
        };
        if let Some(fields) = &mut self.row.get_mut(vm).fields {
            fields.push(value);
        }
        Ok(())
    }
}
