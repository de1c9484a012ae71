//! Proofs of passwords. SCRAM-SHA-256 (RFC 5802, RFC 7677), the server's side: a client proves that it knows a password, and learns that the server
//! has its verifier; neither says it.
//!
//! Of a role that does not exist, or has no password, the same is asked, with a salt that stays the same: who asks learns nothing
//! of which roles there are. Channel binding is not offered.
//!
//! Where a server is run so, passwords that are kept as hashes by MD5 are asked for as hashes of those.

use crate::labels::NONCE;
use crate::protocol::ProtocolError;
use crate::shared::Shared;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

/// Its name.
pub const MECHANISM: &str = "SCRAM-SHA-256";
/// Random bytes of a nonce.
const NONCE_BYTES: usize = 18;
/// How often the password of nobody is hashed.
const ITERATIONS: u32 = 4096;

/// How far it has come.
#[derive(Debug, Default)]
pub enum Exchange {
    /// The client's first message is awaited.
    #[default]
    Begun,
    /// Its last one is.
    Challenged(Box<Challenge>),
    /// It is none of SCRAM: this hash by MD5 is awaited.
    Hash(String),
}

/// What was asked, and what proves.
#[derive(Debug)]
pub struct Challenge {
    /// The header of channel binding, as the client sent it.
    header: String,
    nonce: String,
    /// Both first messages: all but the end of what is signed.
    messages: String,
    keys: Option<Keys>,
}

/// The keys of a verifier.
#[derive(Debug)]
struct Keys {
    stored: [u8; 32],
    server: [u8; 32],
}

/// What is answered.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// The server's first message.
    Go(String),
    /// It is he; the server's last message, if it has one.
    Proved(Option<String>),
    /// It is not.
    NotHe,
}

/// A verifier's parts.
struct Verifier {
    iterations: u32,
    salt: String,
    keys: Option<Keys>,
}

impl Exchange {
    /// The client's first message: a mechanism, and what it begins with.
    ///
    /// # Errors
    /// When it is none, or asks for another mechanism.
    pub fn first(
        &mut self,
        said: &[u8],
        shared: &Shared,
        role: &str,
        verifier: Option<String>,
    ) -> Result<Answer, ProtocolError> {
        let mut random = [0; NONCE_BYTES];
        // Without chance nobody may be asked: the same question twice is no question.
        shared.env.random(&NONCE, &mut random).map_err(|_| ProtocolError::Scram)?;
        let verifier = verifier.as_deref().and_then(Verifier::read);
        let verifier = verifier.unwrap_or_else(|| Verifier::of_nobody(&shared.secret, role));
        self.challenge(said, &STANDARD.encode(random), verifier)
    }

    fn challenge(&mut self, said: &[u8], random: &str, verifier: Verifier) -> Result<Answer, ProtocolError> {
        let end = said.iter().position(|byte| *byte == 0).ok_or(ProtocolError::Scram)?;
        let (mechanism, rest) = (&said[..end], &said[end + 1..]);
        let (length, first) = rest.split_first_chunk::<4>().ok_or(ProtocolError::Scram)?;
        if mechanism != MECHANISM.as_bytes() || u32::from_be_bytes(*length) as usize != first.len() {
            return Err(ProtocolError::Scram);
        }
        let first = std::str::from_utf8(first).map_err(|_| ProtocolError::Scram)?;
        // `n,,n=user,r=nonce`: no channel binding, and nobody else's rights are asked for. PostgreSQL takes the user of the
        // first packet, too, and not the one that is named here.
        let bare = first.strip_prefix("n,,").or_else(|| first.strip_prefix("y,,"));
        let bare = bare.ok_or(ProtocolError::Scram)?;
        let mut attributes = bare.split(',');
        let (user, nonce) = (attributes.next().unwrap_or_default(), attributes.next().unwrap_or_default());
        let nonce = nonce.strip_prefix("r=").filter(|nonce| !nonce.is_empty());
        let (true, Some(nonce)) = (user.starts_with("n="), nonce) else { return Err(ProtocolError::Scram) };
        let nonce = format!("{nonce}{random}");
        let asked = format!("r={nonce},s={},i={}", verifier.salt, verifier.iterations);
        *self = Exchange::Challenged(Box::new(Challenge {
            header: first[..first.len() - bare.len()].to_owned(),
            nonce,
            messages: format!("{bare},{asked}"),
            keys: verifier.keys,
        }));
        Ok(Answer::Go(asked))
    }

    /// The client's last message: its proof.
    ///
    /// # Errors
    /// When it is none, or answers another question.
    pub fn last(&mut self, said: &[u8]) -> Result<Answer, ProtocolError> {
        let Exchange::Challenged(challenge) = self else { return Err(ProtocolError::Scram) };
        let text = std::str::from_utf8(said).map_err(|_| ProtocolError::Scram)?;
        let (signed, proof) = text.rsplit_once(",p=").ok_or(ProtocolError::Scram)?;
        let mut attributes = signed.split(',');
        let binding = attributes.next().and_then(|part| part.strip_prefix("c="));
        let nonce = attributes.next().and_then(|part| part.strip_prefix("r="));
        let header = STANDARD.encode(&challenge.header);
        if binding != Some(header.as_str()) || nonce != Some(challenge.nonce.as_str()) {
            return Err(ProtocolError::Scram);
        }
        let proof = STANDARD.decode(proof).ok().and_then(|proof| <[u8; 32]>::try_from(proof).ok());
        let proof = proof.ok_or(ProtocolError::Scram)?;
        let Some(keys) = &challenge.keys else { return Ok(Answer::NotHe) };
        let message = format!("{},{signed}", challenge.messages);
        let signature = keyed(&keys.stored, message.as_bytes());
        let mut key = proof;
        key.iter_mut().zip(signature).for_each(|(byte, of_signature)| *byte ^= of_signature);
        let found: [u8; 32] = Sha256::digest(key).into();
        if !is_same(&found, &keys.stored) {
            return Ok(Answer::NotHe);
        }
        let signature = keyed(&keys.server, message.as_bytes());
        Ok(Answer::Proved(Some(format!("v={}", STANDARD.encode(signature)))))
    }
}

/// Whether bytes are the same. All of them are looked at, whichever differ: time tells nothing.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

/// What comes of a hash by MD5, behind which stands a zero byte.
pub fn hashed(said: &[u8], awaited: &str) -> Answer {
    match said.strip_suffix(b"\0").is_some_and(|said| is_same(said, awaited.as_bytes())) {
        true => Answer::Proved(None),
        false => Answer::NotHe,
    }
}

impl Verifier {
    /// Reads `SCRAM-SHA-256$iterations:salt$stored:server`.
    fn read(text: &str) -> Option<Verifier> {
        let rest = text.strip_prefix("SCRAM-SHA-256$")?;
        let parts: Vec<&str> = rest.split(['$', ':']).collect();
        let [iterations, salt, stored, server] = parts.as_slice() else { return None };
        let key = |text: &str| STANDARD.decode(text).ok().and_then(|key| <[u8; 32]>::try_from(key).ok());
        let keys = Keys { stored: key(stored)?, server: key(server)? };
        Some(Verifier { iterations: iterations.parse().ok()?, salt: (*salt).to_owned(), keys: Some(keys) })
    }

    /// Nobody's: it looks like somebody's.
    fn of_nobody(secret: &[u8; 32], role: &str) -> Verifier {
        let salt = keyed(secret, role.as_bytes());
        Verifier { iterations: ITERATIONS, salt: STANDARD.encode(&salt[..16]), keys: None }
    }
}

fn keyed(key: &[u8; 32], text: &[u8]) -> [u8; 32] {
    // A key of any length is one; the other arm is never taken.
    let Ok(mut code) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    code.update(text);
    code.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The exchange of RFC 7677, section 3: user "user", password "pencil".
    #[test]
    fn the_exchange_of_the_standard_proves() {
        let salt = STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        let verifier = || Verifier::read(&session::login::password::verifier("pencil", &salt)).unwrap();
        let first = |text: &str| {
            let mut said = [MECHANISM.as_bytes(), b"\0"].concat();
            said.extend_from_slice(&(text.len() as u32).to_be_bytes());
            said.extend_from_slice(text.as_bytes());
            said
        };
        let begin = |exchange: &mut Exchange| {
            let said = first("n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
            exchange.challenge(&said, "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", verifier())
        };
        let nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        let mut exchange = Exchange::default();
        let asked = format!("r={nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
        assert_eq!(begin(&mut exchange), Ok(Answer::Go(asked)));
        let proof = |proof: &str| format!("c=biws,r={nonce},p={proof}");
        let right = proof("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        let signature = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=".to_owned();
        assert_eq!(exchange.last(right.as_bytes()), Ok(Answer::Proved(Some(signature))));
        let wrong = proof("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVU=");
        assert_eq!(exchange.last(wrong.as_bytes()), Ok(Answer::NotHe));
        // Another question's answer, and what is none.
        let other = right.replace("%hv", "%hw");
        assert_eq!(exchange.last(other.as_bytes()), Err(ProtocolError::Scram));
        assert_eq!(exchange.last(b"c=biws"), Err(ProtocolError::Scram));
        assert_eq!(Exchange::default().last(right.as_bytes()), Err(ProtocolError::Scram));
    }

    #[test]
    fn of_nobody_the_same_is_asked_every_time() {
        let secret = [7; 32];
        let salt = |role: &str| Verifier::of_nobody(&secret, role).salt;
        assert_eq!(salt("ann"), salt("ann"));
        assert_ne!(salt("ann"), salt("bob"));
    }

    #[test]
    fn what_is_no_first_message_is_refused() {
        for said in [
            b"".as_slice(),
            b"SCRAM-SHA-256",
            b"SCRAM-SHA-256\0\0\0",
            b"SCRAM-SHA-256\0\0\0\0\x07n,,n=a",
            b"SCRAM-SHA-256-PLUS\0\0\0\0\x0bn,,n=,r=abc",
            b"SCRAM-SHA-256\0\0\0\0\x0cp=x,,n=,r=ab",
            b"SCRAM-SHA-256\0\0\0\0\x09n,,n=,r=a",
        ] {
            let verifier = Verifier::of_nobody(&[0; 32], "ann");
            let found = Exchange::default().challenge(said, "server", verifier);
            let whole = said.ends_with(b"r=a");
            assert_eq!(found.is_ok(), whole, "{said:?}");
        }
    }
}
