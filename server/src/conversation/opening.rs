//! Until somebody is logged in: encryption, who he is, what he wants, and whether it is he.

use super::scram::{self, Exchange};
use super::talking::Talking;
use super::{Conversation, State, Step};
use crate::labels::NONCE;
use crate::options::Authentication;
use crate::protocol::ProtocolError;
use crate::protocol::frontend::{self, Opening};
use diagnostic::{Diagnostic, SqlState};
use session::client::{Report, Severity};
use session::login::password;
use session::{Login, Session};

/// What is refused before anybody is logged in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpeningError {
    #[error("received unencrypted data after SSL request")]
    Injected,
    #[error("replication is not supported")]
    Replication,
    #[error("sorry, too many clients already")]
    Full,
    #[error("password authentication failed for user \"{0}\"")]
    Password(String),
    #[error("connection requires a valid client SSL: user \"{0}\" must connect with sslmode=require")]
    NotEncrypted(String),
    #[error("could not generate random MD5 salt")]
    NoSalt,
    #[error("invalid command-line argument for server process: {0}")]
    Option(String),
}

impl Diagnostic for OpeningError {
    fn sqlstate(&self) -> SqlState {
        match self {
            OpeningError::Injected => SqlState::ProtocolViolation,
            OpeningError::Replication => SqlState::FeatureNotSupported,
            OpeningError::Full => SqlState::TooManyConnections,
            OpeningError::Password(_) => SqlState::InvalidPassword,
            OpeningError::NotEncrypted(_) => SqlState::InvalidAuthorizationSpecification,
            OpeningError::NoSalt => SqlState::InternalError,
            OpeningError::Option(_) => SqlState::SyntaxError,
        }
    }
}

/// Somebody who has said who he is, and proves it.
pub struct Proving {
    wanted: Wanted,
    exchange: Exchange,
}

/// What was asked for in the first packet.
struct Wanted {
    role: String,
    database: String,
    settings: Vec<(String, String)>,
}

impl Conversation {
    /// The first packet, or the next one if the first only asked for encryption.
    pub(super) fn open(&mut self) -> Step {
        let read = self.frames.opening();
        let opening = match read.and_then(|body| body.map(|body| frontend::opening(&body)).transpose()) {
            Ok(Some(opening)) => opening,
            Ok(None) => return Step::Wait,
            Err(error) => return self.refuse(&error),
        };
        match opening {
            Opening::Tls if self.shared.options.encryption.is_some() && !self.encrypted => {
                if !self.frames.is_empty() {
                    // Somebody between the two may have put it there.
                    return self.refuse(&OpeningError::Injected);
                }
                self.answers.byte(b'S');
                Step::Encrypt
            }
            Opening::Tls | Opening::Gss => {
                self.answers.byte(b'N');
                Step::Further
            }
            Opening::Cancel { process, secret } => {
                self.shared.callers.cancel(process, secret);
                Step::Over
            }
            Opening::Startup { minor, parameters } => self.start(minor, parameters),
        }
    }

    fn refuse(&mut self, why: &(impl Diagnostic + ?Sized)) -> Step {
        self.answers.error(&Report::new(Severity::Fatal, why), "");
        Step::Over
    }

    fn start(&mut self, minor: u16, parameters: Vec<(String, String)>) -> Step {
        let (unknown, parameters): (Vec<_>, Vec<_>) =
            parameters.into_iter().partition(|(name, _)| name.starts_with("_pq_."));
        if minor > 0 || !unknown.is_empty() {
            let unknown: Vec<String> = unknown.into_iter().map(|(name, _)| name).collect();
            self.answers.negotiate(&unknown);
        }
        let wanted = match Wanted::of(parameters) {
            Ok(wanted) => wanted,
            Err(error) => return self.refuse(&*error),
        };
        // Who comes over a socket of this machine comes over no network.
        let over_network = self.bells.peer.is_some();
        if self.shared.options.encryption_required && over_network && !self.encrypted {
            return self.refuse(&OpeningError::NotEncrypted(wanted.role));
        }
        match self.shared.options.authentication {
            Authentication::Trust => self.let_in(&wanted),
            Authentication::Scram | Authentication::Md5 if self.bells.is_own_user => self.let_in(&wanted),
            Authentication::Scram => self.ask_by_scram(wanted),
            Authentication::Md5 => self.ask_by_md5(wanted),
        }
    }

    fn ask_by_scram(&mut self, wanted: Wanted) -> Step {
        self.answers.sasl(&[scram::MECHANISM]);
        let exchange = Exchange::default();
        self.state = State::Proving(Box::new(Proving { wanted, exchange }));
        Step::Further
    }

    /// Of a role whose password is kept as a hash by MD5 that is asked for; of all others, be there one or not, what is asked of
    /// most.
    fn ask_by_md5(&mut self, wanted: Wanted) -> Step {
        let kept = match self.shared.engine.password_verifier(&wanted.role) {
            Ok(kept) => kept.filter(|kept| password::is_md5(kept)),
            Err(report) => {
                self.answers.error(&report, "");
                return Step::Over;
            }
        };
        let Some(kept) = kept else { return self.ask_by_scram(wanted) };
        let mut salt = [0; 4];
        if self.shared.env.random(&NONCE, &mut salt).is_err() {
            return self.refuse(&OpeningError::NoSalt);
        }
        self.answers.md5_password(salt);
        // The hash without the three letters before it.
        let awaited = format!("md5{}", password::md5_text(&[&kept.as_bytes()[3..], &salt]));
        let exchange = Exchange::Hash(awaited);
        self.state = State::Proving(Box::new(Proving { wanted, exchange }));
        Step::Further
    }

    /// The next message of somebody who proves who he is.
    pub(super) fn prove(&mut self) -> Step {
        let State::Proving(proving) = &mut self.state else { return Step::Over };
        let frame = match self.frames.proof() {
            Ok(Some(frame)) => frame,
            Ok(None) => return Step::Wait,
            Err(error) => return self.refuse(&error),
        };
        // Nothing else is taken from somebody who is not logged in.
        let said = frame.body.as_slice();
        let answered = match &proving.exchange {
            Exchange::Begun => {
                let verifier = self.shared.engine.password_verifier(&proving.wanted.role);
                match verifier {
                    Ok(verifier) => {
                        proving.exchange.first(said, &self.shared, &proving.wanted.role, verifier)
                    }
                    Err(report) => {
                        self.answers.error(&report, "");
                        return Step::Over;
                    }
                }
            }
            Exchange::Challenged(_) => proving.exchange.last(said),
            Exchange::Hash(awaited) => Ok(scram::hashed(said, awaited)),
        };
        match answered {
            Ok(scram::Answer::Go(text)) => {
                self.answers.sasl_data(false, &text);
                Step::Further
            }
            Ok(scram::Answer::Proved(text)) => {
                if let Some(text) = text {
                    self.answers.sasl_data(true, &text);
                }
                match std::mem::replace(&mut self.state, State::Over) {
                    State::Proving(proving) => self.let_in(&proving.wanted),
                    State::Opening | State::Talking(_) | State::Over => Step::Over,
                }
            }
            Ok(scram::Answer::NotHe) => {
                let role = proving.wanted.role.clone();
                self.refuse(&OpeningError::Password(role))
            }
            Err(error) => self.refuse(&error),
        }
    }

    /// It is he: he gets his session.
    fn let_in(&mut self, wanted: &Wanted) -> Step {
        self.answers.authentication_ok();
        let Some(seat) = self.shared.callers.seat(self.shared.options.connection_limit) else {
            return self.refuse(&OpeningError::Full);
        };
        let login = Login { role: &wanted.role, database: &wanted.database, settings: &wanted.settings };
        let logged_in = Session::log_in(&self.shared.engine, login);
        let begun = logged_in.and_then(|mut session| {
            let end = self.bells.end.clone();
            session.on_end(Box::new(move || end()));
            session.comes_from(self.bells.peer);
            session.on_notification(self.bells.call.clone());
            Talking::begin(session, seat, &self.shared, &mut self.answers)
        });
        match begun {
            Ok(talking) => {
                self.state = State::Talking(Box::new(talking));
                Step::Further
            }
            Err(report) => {
                self.answers.error(&report, "");
                Step::Over
            }
        }
    }
}

impl Wanted {
    fn of(parameters: Vec<(String, String)>) -> Result<Wanted, Box<dyn Diagnostic>> {
        let (mut role, mut database, mut settings) = (String::new(), String::new(), Vec::new());
        for (name, value) in parameters {
            match name.as_str() {
                "user" => role = value,
                "database" => database = value,
                "replication" if matches!(value.as_str(), "false" | "off" | "no" | "0") => {}
                "replication" => return Err(Box::new(OpeningError::Replication)),
                "options" => settings.extend(options(&value)?),
                _ => settings.push((name, value)),
            }
        }
        if role.is_empty() {
            return Err(Box::new(ProtocolError::NoUser));
        }
        if database.is_empty() {
            database.clone_from(&role);
        }
        Ok(Wanted { role, database, settings })
    }
}

/// The settings that a text of options says, as the server's command line: `-c name=value`, `--name=value`. A blank that is
/// meant stands behind a backslash.
fn options(text: &str) -> Result<Vec<(String, String)>, Box<dyn Diagnostic>> {
    let mut words = vec![String::new()];
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (letter, words.last_mut()) {
            ('\\', Some(word)) => word.extend(letters.next()),
            (blank, _) if blank.is_ascii_whitespace() => words.push(String::new()),
            (letter, Some(word)) => word.push(letter),
            (_, None) => {}
        }
    }
    let mut settings = Vec::new();
    let mut words = words.into_iter().filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        let wrong = || Box::new(OpeningError::Option(word.clone())) as Box<dyn Diagnostic>;
        let setting = match (word.strip_prefix("--"), word.strip_prefix("-c")) {
            (Some(setting), _) => setting.to_owned(),
            (None, Some("")) => words.next().ok_or_else(wrong)?,
            (None, Some(setting)) => setting.to_owned(),
            (None, None) => return Err(wrong()),
        };
        let (name, value) = setting.split_once('=').ok_or_else(wrong)?;
        settings.push((name.replace('-', "_"), value.to_owned()));
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_settings() {
        let read = |text: &str| options(text).map_err(|error| error.to_string());
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            read("-c geqo=off  --statement-timeout=5s -csearch_path=a\\ b"),
            Ok(vec![pair("geqo", "off"), pair("statement_timeout", "5s"), pair("search_path", "a b")])
        );
        assert_eq!(read(""), Ok(Vec::new()));
        assert!(read("-x").is_err() && read("-c").is_err() && read("-c name").is_err());
    }

    #[test]
    fn a_database_is_called_as_its_user_unless_somebody_says_otherwise() {
        let wanted = |parameters: &[(&str, &str)]| {
            let parameters = parameters.iter().map(|(name, value)| ((*name).into(), (*value).into()));
            Wanted::of(parameters.collect()).map(|wanted| wanted.database).map_err(|error| error.to_string())
        };
        assert_eq!(wanted(&[("user", "ann")]), Ok("ann".to_owned()));
        assert_eq!(wanted(&[("user", "ann"), ("database", "shop")]), Ok("shop".to_owned()));
        assert!(wanted(&[("database", "shop")]).is_err());
        assert!(wanted(&[("user", "ann"), ("replication", "database")]).is_err());
        assert!(wanted(&[("user", "ann"), ("replication", "off")]).is_ok());
    }
}
