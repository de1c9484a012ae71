//! Functions of the module `pgcrypto`. Its numbers are those from 15100 on. What is not done here refuses itself when it is called, as
//! PostgreSQL's own functions do that are missing.

use super::{Row, row};
use crate::kernel::cryptography::{self, cipher, password};
use crate::table::entry::Implementation::Scalar;
use crate::table::oids::*;

#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    row(15100, "digest", &[BYTEA, TEXT], BYTEA, "pg_digest", Scalar(cryptography::digest)),
    row(15101, "hmac", &[BYTEA, BYTEA, TEXT], BYTEA, "pg_hmac", Scalar(cryptography::hmac)),
    row(15102, "crypt", &[TEXT, TEXT], TEXT, "pg_crypt", Scalar(password::crypt)),
    row(15103, "gen_salt", &[TEXT], TEXT, "pg_gen_salt", Scalar(password::gen_salt)).volatile(),
    row(15104, "gen_salt", &[TEXT, INT4], TEXT, "pg_gen_salt_rounds", Scalar(password::gen_salt_rounds)).volatile(),
    row(15105, "encrypt", &[BYTEA, BYTEA, TEXT], BYTEA, "pg_encrypt", Scalar(cipher::encrypt)),
    row(15106, "decrypt", &[BYTEA, BYTEA, TEXT], BYTEA, "pg_decrypt", Scalar(cipher::decrypt)),
    row(15107, "encrypt_iv", &[BYTEA, BYTEA, BYTEA, TEXT], BYTEA, "pg_encrypt_iv", Scalar(cipher::encrypt_iv)),
    row(15108, "decrypt_iv", &[BYTEA, BYTEA, BYTEA, TEXT], BYTEA, "pg_decrypt_iv", Scalar(cipher::decrypt_iv)),
    row(15109, "gen_random_bytes", &[INT4], BYTEA, "pg_random_bytes", Scalar(cryptography::gen_random_bytes)).volatile(),
    row(15110, "gen_random_uuid", &[], UUID, "pg_random_uuid", Scalar(crate::kernel::system::gen_random_uuid)).volatile(),
    row(15111, "armor", &[BYTEA], TEXT, "pg_armor", Scalar(cryptography::missing)),
    row(15112, "armor", &[BYTEA, TEXT_ARRAY, TEXT_ARRAY], TEXT, "pg_armor", Scalar(cryptography::missing)),
    row(15113, "dearmor", &[TEXT], BYTEA, "pg_dearmor", Scalar(cryptography::missing)),
    row(15114, "pgp_key_id", &[BYTEA], TEXT, "pgp_key_id_w", Scalar(cryptography::missing)),
    row(15115, "pgp_sym_encrypt", &[TEXT, TEXT], BYTEA, "pgp_sym_encrypt_text", Scalar(cryptography::missing)).volatile(),
    row(15116, "pgp_sym_encrypt", &[TEXT, TEXT, TEXT], BYTEA, "pgp_sym_encrypt_text", Scalar(cryptography::missing)).volatile(),
    row(15117, "pgp_sym_decrypt", &[BYTEA, TEXT], TEXT, "pgp_sym_decrypt_text", Scalar(cryptography::missing)),
    row(15118, "pgp_sym_decrypt", &[BYTEA, TEXT, TEXT], TEXT, "pgp_sym_decrypt_text", Scalar(cryptography::missing)),
    row(15119, "pgp_pub_encrypt", &[TEXT, BYTEA], BYTEA, "pgp_pub_encrypt_text", Scalar(cryptography::missing)).volatile(),
    row(15120, "pgp_pub_encrypt", &[TEXT, BYTEA, TEXT], BYTEA, "pgp_pub_encrypt_text", Scalar(cryptography::missing)).volatile(),
    row(15121, "pgp_pub_decrypt", &[BYTEA, BYTEA], TEXT, "pgp_pub_decrypt_text", Scalar(cryptography::missing)),
    row(15122, "pgp_pub_decrypt", &[BYTEA, BYTEA, TEXT], TEXT, "pgp_pub_decrypt_text", Scalar(cryptography::missing)),
    row(15123, "pgp_pub_decrypt", &[BYTEA, BYTEA, TEXT, TEXT], TEXT, "pgp_pub_decrypt_text", Scalar(cryptography::missing)),
    row(15124, "pgp_sym_encrypt_bytea", &[BYTEA, TEXT], BYTEA, "pgp_sym_encrypt_bytea", Scalar(cryptography::missing)).volatile(),
    row(15125, "pgp_sym_encrypt_bytea", &[BYTEA, TEXT, TEXT], BYTEA, "pgp_sym_encrypt_bytea", Scalar(cryptography::missing)).volatile(),
    row(15126, "pgp_sym_decrypt_bytea", &[BYTEA, TEXT], BYTEA, "pgp_sym_decrypt_bytea", Scalar(cryptography::missing)),
    row(15127, "pgp_sym_decrypt_bytea", &[BYTEA, TEXT, TEXT], BYTEA, "pgp_sym_decrypt_bytea", Scalar(cryptography::missing)),
    row(15128, "pgp_pub_encrypt_bytea", &[BYTEA, BYTEA], BYTEA, "pgp_pub_encrypt_bytea", Scalar(cryptography::missing)).volatile(),
    row(15129, "pgp_pub_encrypt_bytea", &[BYTEA, BYTEA, TEXT], BYTEA, "pgp_pub_encrypt_bytea", Scalar(cryptography::missing)).volatile(),
    row(15130, "pgp_pub_decrypt_bytea", &[BYTEA, BYTEA], BYTEA, "pgp_pub_decrypt_bytea", Scalar(cryptography::missing)),
    row(15131, "pgp_pub_decrypt_bytea", &[BYTEA, BYTEA, TEXT], BYTEA, "pgp_pub_decrypt_bytea", Scalar(cryptography::missing)),
    row(15132, "pgp_pub_decrypt_bytea", &[BYTEA, BYTEA, TEXT, TEXT], BYTEA, "pgp_pub_decrypt_bytea", Scalar(cryptography::missing)),
];
