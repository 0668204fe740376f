//! Hands the rival in Python what it may have: our trained head, and a vocabulary it cannot download.
//!
//! The rival scores with the same head, so that both sides take the same decision and only the way
//! there is measured. Its tokenizer normally downloads its vocabulary; the ranks that `tiktoken`
//! embeds are the same file, which the rival checks by the hash that it has for the download.
//!
//! ```text
//! export vocabulary             o200k, one token in hexadecimal a line, in order of rank
//! export head CONFIGURATION     the head in the format of `Head::to_bytes`
//! export vectors                the vector of each line of standard input, as little-endian f32
//! ```

use std::{
    error::Error,
    io::{self, Write},
};

use fastroute_benches::reference;
use fastroute_embed::{EncodeScratch, Encoded, StaticEncoder};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut out = io::BufWriter::new(io::stdout().lock());
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["head", path] => {
            out.write_all(&reference::head_of(&std::fs::read_to_string(path)?)?.to_bytes())?
        }
        ["vectors"] => write_vectors(&mut out)?,
        ["vocabulary"] => write_vocabulary(&mut out)?,
        _ => {
            return Err(
                "use `export vectors`, `export vocabulary` or `export head CONFIGURATION`".into(),
            );
        }
    }
    Ok(out.flush()?)
}

fn write_vectors(out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let encoder = StaticEncoder::embedded();
    let (mut scratch, mut encoded) = (EncodeScratch::default(), Encoded::default());
    for line in io::stdin().lines() {
        encoder.encode(&line?, &mut scratch, &mut encoded);
        for value in &encoded.vector {
            out.write_all(&value.to_le_bytes())?;
        }
    }
    Ok(())
}

fn write_vocabulary(out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let encoding = tiktoken::get_encoding("o200k_base")
        .ok_or("the vocabulary `o200k_base` is not built in")?;
    let ranks = u32::try_from(encoding.vocab_size())?;
    for rank in 0..ranks {
        let token = encoding.decode(&[rank]);
        if !token.is_empty() {
            let digits: String = token.iter().map(|byte| format!("{byte:02x}")).collect();
            writeln!(out, "{digits}")?;
        }
    }
    Ok(())
}
