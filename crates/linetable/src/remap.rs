//! Moving the locations of a compiled table: to other lines, or from a generated file back to its source.
//!
//! Invariant: the code is not looked at and every offset keeps its meaning; only lines and columns change.

use crate::{
    Error, LineTable, LineTableBuilder, LinesRule, Lnotab, LnotabBuilder, Location, LocationTable,
    LocationTableBuilder,
};
use alloc::vec::Vec;

/// A table moved to another file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remapped<F> {
    /// The file that all its locations are in: the new `co_filename`.
    pub file: F,
    /// The new `co_firstlineno`.
    pub first_line: i32,
    /// The new `co_linetable`.
    pub bytes: Vec<u8>,
    /// How many code units lost their location, because it is in another file or in none.
    pub lost_unit_count: u32,
}

impl LocationTable<'_> {
    /// The table with each location replaced by `map` of it, written for a code object whose `co_firstlineno` is
    /// `first_line`.
    ///
    /// `map` is called once for each entry that has a location.
    ///
    /// ```
    /// use pyco_linetable::{LinesRule, Location, LocationTable, UnitOffset};
    ///
    /// // Ten lines were inserted above the function.
    /// let table = LocationTable::new(b"\x80\x00\x90\x11\x92\x15", 1);
    /// let down = |line: Option<u32>| line.map(|line| line + 10);
    /// let moved = table.remap(11, LinesRule::Merged, |at| {
    ///     Location::new(down(at.line()), down(at.end_line()), at.column(), at.end_column())
    /// })?;
    /// assert_eq!(LocationTable::new(&moved, 11).addr2line(UnitOffset(1))?, Some(11));
    /// assert_eq!(moved, table.as_bytes()); // all deltas are as before
    /// # Ok::<(), pyco_linetable::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Entries`](crate::locations::Entries) and of [`LocationTableBuilder::push`].
    pub fn remap(
        &self,
        first_line: i32,
        rule: LinesRule,
        mut map: impl FnMut(Location) -> Location,
    ) -> Result<Vec<u8>, Error> {
        let mut builder = LocationTableBuilder::new(first_line, rule);
        for entry in self.entries() {
            let entry = entry?;
            let location = if entry.location.is_none() {
                Location::NONE
            } else {
                map(entry.location)
            };
            builder.push(u32::from(entry.unit_count), location)?;
        }
        builder.finish()
    }

    /// The table of generated code moved back to the source it was generated from (a template, a notebook, another
    /// language): `map` says for a location in which file it is and where there.
    ///
    /// A code object has one `co_filename`: it becomes the file of the first line, or where that comes from none,
    /// of the first location that comes from any. Locations from elsewhere become none. `None` where no location
    /// comes from a file.
    ///
    /// ```
    /// use pyco_linetable::{LinesRule, Location, LocationTable};
    ///
    /// // Line 1 of the generated module was made from line 40 of a template; its columns mean nothing there.
    /// let table = LocationTable::new(b"\x80\x00\x90\x11\x92\x15", 1);
    /// let from_template = |at: Location| Some(("page.html", Location::from_line(at.line()? + 39)));
    /// let remapped = table.remap_to_source(LinesRule::Merged, from_template)?.expect("a line from the template");
    /// assert_eq!((remapped.file, remapped.first_line), ("page.html", 40));
    /// assert_eq!(remapped.bytes, b"\xec\x00");
    /// # Ok::<(), pyco_linetable::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`remap`](Self::remap).
    pub fn remap_to_source<F: PartialEq>(
        &self,
        rule: LinesRule,
        mut map: impl FnMut(Location) -> Option<(F, Location)>,
    ) -> Result<Option<Remapped<F>>, Error> {
        let Some((file, first_line)) = self.source_of_first_line(&mut map)? else {
            return Ok(None);
        };
        let mut lost_unit_count = 0;
        let mut builder = LocationTableBuilder::new(first_line, rule);
        for entry in self.entries() {
            let entry = entry?;
            let mut location = Location::NONE;
            if !entry.location.is_none() {
                match map(entry.location) {
                    Some((its_file, mapped)) if its_file == file => location = mapped,
                    _ => lost_unit_count += u32::from(entry.unit_count),
                }
            }
            builder.push(u32::from(entry.unit_count), location)?;
        }
        Ok(Some(Remapped {
            file,
            first_line,
            bytes: builder.finish()?,
            lost_unit_count,
        }))
    }

    fn source_of_first_line<F>(
        &self,
        map: &mut impl FnMut(Location) -> Option<(F, Location)>,
    ) -> Result<Option<(F, i32)>, Error> {
        let first = u32::try_from(self.first_line())
            .ok()
            .map(Location::from_line);
        let mut candidates = first
            .map(Ok)
            .into_iter()
            .chain(self.entries().map(|entry| Ok(entry?.location)));
        candidates
            .find_map(|location| {
                let location = match location {
                    Ok(location) if location.is_none() => return None,
                    Ok(location) => location,
                    Err(error) => return Some(Err(error)),
                };
                let (file, location) = map(location)?;
                Some(Ok((file, i32::try_from(location.line()?).ok()?)))
            })
            .transpose()
    }
}

impl LineTable<'_> {
    /// The table with each line replaced by `map` of it, written for a code object whose `co_firstlineno` is
    /// `first_line`; where `map` gives `None` the code has no line.
    ///
    /// # Errors
    /// Those of [`Lines`](crate::line_table::Lines) and of [`LineTableBuilder::push`].
    pub fn remap(
        &self,
        first_line: i32,
        mut map: impl FnMut(u32) -> Option<u32>,
    ) -> Result<Vec<u8>, Error> {
        let mut builder = LineTableBuilder::new(first_line);
        for range in self.lines() {
            let range = range?;
            builder.push(
                range.end().0 - range.start().0,
                range.line().and_then(&mut map),
            )?;
        }
        builder.finish()
    }
}

impl Lnotab<'_> {
    /// The table with each line replaced by `map` of it, written for a code object whose `co_firstlineno` is
    /// `first_line`.
    ///
    /// # Errors
    /// Those of [`Lines`](crate::lnotab::Lines) and of [`LnotabBuilder::push`].
    pub fn remap(
        &self,
        first_line: i32,
        mut map: impl FnMut(u32) -> u32,
    ) -> Result<Vec<u8>, Error> {
        let mut builder = LnotabBuilder::new(first_line, self.deltas());
        for range in self.lines_beyond_code() {
            let range = range?;
            // A line table up to 3.9 has a line everywhere.
            builder.push(range.start(), range.line().map_or(0, &mut map))?;
        }
        Ok(builder.finish())
    }
}
