//! Files as streams of text: plain, gzip, or the entries of a zip, none of them read whole.

use crate::DataError;
use crate::error::io;
use flate2::read::{DeflateDecoder, MultiGzDecoder};
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use zip::{CompressionMethod, ZipArchive};

/// A text and the name it goes by in messages.
pub struct Text {
    pub name: String,
    pub read: Box<dyn Read>,
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Text").field("name", &self.name).finish_non_exhaustive()
    }
}

/// How many bytes of a file were read so far, packed as they are: how far along a reader is.
#[derive(Clone, Debug, Default)]
pub struct BytesRead(Arc<AtomicU64>);

impl BytesRead {
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

struct Counted {
    file: File,
    bytes: BytesRead,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read(into)?;
        self.bytes.0.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// The texts of a file: one, or those of an archive in the order of their names.
pub fn open_text(path: &Path) -> Result<Vec<Text>, DataError> {
    open_text_counted(path, &BytesRead::default())
}

/// The same; `bytes` grows as the texts are read.
pub fn open_text_counted(path: &Path, bytes: &BytesRead) -> Result<Vec<Text>, DataError> {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let file = File::open(path).map_err(io("open", path))?;
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    match ending {
        "gz" => {
            let file = Counted { file, bytes: bytes.clone() };
            Ok(vec![Text { name, read: Box::new(MultiGzDecoder::new(BufReader::new(file))) }])
        }
        "zip" => open_zip(path, &name, file, bytes),
        _ => Ok(vec![Text { name, read: Box::new(Counted { file, bytes: bytes.clone() }) }]),
    }
}

fn open_zip(path: &Path, name: &str, file: File, bytes: &BytesRead) -> Result<Vec<Text>, DataError> {
    let failed = |source| DataError::Zip { file: name.to_owned(), source };
    let mut archive = ZipArchive::new(file).map_err(failed)?;
    let mut texts = Vec::new();
    for at in 0..archive.len() {
        let entry = archive.by_index_raw(at).map_err(failed)?;
        if entry.is_dir() {
            continue;
        }
        let mut file = File::open(path).map_err(io("open", path))?;
        let start = entry.data_start().unwrap_or_default();
        file.seek(SeekFrom::Start(start)).map_err(io("read", path))?;
        let file = Counted { file, bytes: bytes.clone() };
        let packed = BufReader::new(file).take(entry.compressed_size());
        let read: Box<dyn Read> = match entry.compression() {
            CompressionMethod::Stored => Box::new(packed),
            CompressionMethod::Deflated => Box::new(DeflateDecoder::new(packed)),
            _ => {
                return Err(failed(zip::result::ZipError::UnsupportedArchive(
                    "packed in a way we do not read",
                )));
            }
        };
        let inner = entry.name().map_err(failed)?.into_owned();
        texts.push(Text { name: format!("{name}/{inner}"), read });
    }
    texts.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(texts)
}
