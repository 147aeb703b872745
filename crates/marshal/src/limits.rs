//! What a reader may spend, and how it is told about the input.

use crate::{CodeLayout, Version};

/// Bounds on what reading may use. Whatever they are, time and memory stay linear in the input.
///
/// ```
/// use pyco_marshal::{Document, ErrorKind, Limits, ReadOptions};
///
/// let mut limits = Limits::default();
/// limits.max_depth = 1;
/// let options = ReadOptions::default().with_limits(limits);
/// let nested = b")\x01)\x00";
/// let error = Document::decode_with(nested, &options).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::TooDeep(1));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Containers and code objects inside one another. CPython allows 2000, which is the default.
    /// Nothing here recurses, so any number is safe.
    pub max_depth: u32,
    /// Objects, back references included; at most and by default 2^31 - 1.
    pub max_nodes: u32,
    /// Bytes that the result may occupy, and that are needed to build it; by default no bound
    /// other than the multiple of the input that each reader states.
    pub max_bytes: u64,
}

impl Limits {
    /// CPython's own depth on Linux, and the most nodes that the format can refer to.
    pub const DEFAULT: Self = Self {
        max_depth: 2000,
        max_nodes: i32::MAX as u32,
        max_bytes: u64::MAX,
    };

    /// The most nodes of `node_bytes` each that `max_nodes` and `max_bytes` allow together.
    pub(crate) fn nodes_within(&self, payload_bytes: u64, node_bytes: u64) -> Option<u32> {
        let left = self.max_bytes.checked_sub(payload_bytes)?;
        let nodes = left / node_bytes.max(1);
        Some(
            u32::try_from(nodes)
                .unwrap_or(u32::MAX)
                .min(self.max_nodes)
                .min(i32::MAX as u32),
        )
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// How to read some bytes: which Python wrote them, where they stand in their file, and limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadOptions {
    pub(crate) layout: Option<CodeLayout>,
    pub(crate) limits: Limits,
    pub(crate) base_offset: usize,
}

impl ReadOptions {
    /// Options for what Python `version` wrote.
    #[must_use]
    pub const fn new(version: Version) -> Self {
        Self {
            layout: version.code_layout(),
            limits: Limits::DEFAULT,
            base_offset: 0,
        }
    }

    /// Options by the layout of code objects; `None` refuses code objects.
    #[must_use]
    pub const fn with_layout(layout: Option<CodeLayout>) -> Self {
        Self {
            layout,
            limits: Limits::DEFAULT,
            base_offset: 0,
        }
    }

    /// The same with other limits.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The same for bytes that begin `offset` bytes into their file; every offset reported counts
    /// from the start of the file.
    #[must_use]
    pub const fn with_base_offset(mut self, offset: usize) -> Self {
        self.base_offset = offset;
        self
    }
}

/// What the newest known Python writes.
impl Default for ReadOptions {
    fn default() -> Self {
        Self::new(Version::V3_15)
    }
}
