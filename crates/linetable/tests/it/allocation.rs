//! Reading allocates nothing: an allocator that counts says so.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;

use pyco_linetable::{ByteOffset, Format, LineRange, Reader, Table, UnitOffset};

thread_local! {
    /// Allocations of this thread: the other tests run beside.
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call goes to `System` with the arguments it came with.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // A thread that is ending has no count left, and nothing to count.
        let _ = COUNT.try_with(|count| count.set(count.get() + 1));
        // SAFETY: the caller keeps to the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer came from `System.alloc` with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations_of(work: impl FnOnce()) -> usize {
    let before = COUNT.get();
    work();
    COUNT.get() - before
}

#[test]
fn the_counter_counts() {
    assert!(allocations_of(|| drop(black_box(vec![1u8]))) > 0);
}

#[test]
fn reading_any_format_allocates_nothing() {
    let tables: [(Format, &[u8]); 7] = [
        (Format::Lnotab27, b"\x00\x01\x04\x01\xff\x00\x06\xff"),
        (Format::Lnotab36, b"\x00\x01\x04\x01\xff\x00\x06\xff"),
        (Format::Lnotab38, b"\x00\x01\x04\x01\xff\x00\x06\xff"),
        (Format::LineTable310, b"\x08\x01\x02\x80\x00\x7f\x06\x01"),
        (
            Format::Locations311,
            b"\x80\x00\x90\x11\x90Q\xdf\x15\x15\xf0\x48\x03\x01\x05\x09\xf8\xe8\x02",
        ),
        (
            Format::Locations312,
            b"\x80\x00\x90\x11\x90Q\xdf\x15\x15\xf0\x48\x03\x01\x05\x09\xf8\xe8\x02",
        ),
        (
            Format::Locations313,
            b"\x80\x00\x90\x11\x90Q\xdf\x15\x15\xf0\x48\x03\x01\x05\x09\xf8\xe8\x02",
        ),
    ];
    let read = || {
        for (format, bytes) in tables {
            let table = Table::new(format, bytes, 300, ByteOffset(300));
            assert!(table.lines().all(|range| black_box(range).is_ok()));
            let mut ranges = [LineRange::default(); 40];
            let filled = table.lines().fill(&mut ranges);
            assert_eq!(black_box(filled), Ok(table.lines().count()));
            assert!(table.line_starts().all(|start| black_box(start).is_ok()));
            assert!(
                table
                    .positions()
                    .all(|position| black_box(position).is_ok())
            );
            assert!(table.co_lnotab().all(|pair| black_box(pair).is_ok()));
            for offset in 0..40 {
                assert!(black_box(table.location(ByteOffset(offset))).is_ok());
                assert!(black_box(table.addr2line(UnitOffset(offset))).is_ok());
            }
        }
    };
    assert_eq!(allocations_of(read), 0);
}

#[test]
fn an_error_allocates_nothing() {
    let read = || {
        let table = Table::new(Format::Locations313, b"\xf0\x00", 1, ByteOffset(0));
        assert!(black_box(table.positions().next()).is_some_and(|position| position.is_err()));
    };
    assert_eq!(allocations_of(read), 0);
}

#[test]
fn reading_in_pieces_allocates_nothing() {
    let bytes = [0xdb, 0x15, 0x15].repeat(400);
    let fetch = |offset: usize, buffer: &mut [u8]| {
        let len = buffer.len().min(100);
        buffer[..len].copy_from_slice(&bytes[offset..offset + len]);
        Ok::<_, std::io::Error>(len)
    };
    let read = || {
        let mut reader = Reader::new(bytes.len(), 1, fetch);
        assert_eq!(reader.addr2line(UnitOffset(1599)).unwrap(), Some(401));
        assert_eq!(reader.addr2line(UnitOffset(0)).unwrap(), Some(2));
    };
    assert_eq!(allocations_of(read), 0);
}
