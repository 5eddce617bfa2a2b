//! What each call does: one file per noun.

mod job;
mod operation;

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::answer::Answer;
use crate::clock;
use crate::config::Config;
use crate::problem::Problem;
use crate::request::Request;
use crate::request_log::RequestLog;
use crate::route::{Call, Place};
use crate::store::Store;

/// The emulator behind its socket.
pub(crate) struct Emulator {
    pub(crate) config: Config,
    store: Mutex<Store>,
    log: Mutex<RequestLog>,
    /// Told whenever something may have changed, for those who wait.
    pub(crate) changed: tokio::sync::Notify,
}

impl Emulator {
    pub(crate) fn new(config: Config, log: RequestLog) -> Self {
        Self {
            config,
            store: Mutex::default(),
            log: Mutex::new(log),
            changed: tokio::sync::Notify::new(),
        }
    }

    /// The store as it is now: whatever is due has happened.
    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        store.advance(clock::now());
        store
    }

    pub(crate) fn log(&self) -> MutexGuard<'_, RequestLog> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers a request for an address below `/v2/`.
    pub(crate) async fn answer(&self, request: &Request) -> Answer {
        let Some(call) = Call::of(&request.method, &request.path) else {
            return Answer::no_such_address(&request.path);
        };
        match self.perform(&call, request).await {
            Ok(answer) => answer,
            Err(problem) => problem.into(),
        }
    }

    async fn perform(&self, call: &Call, request: &Request) -> Result<Answer, Problem> {
        self.admit(call, request)?;
        check_place(call.place())?;
        match call {
            Call::CreateJob(place) => self.create_job(place, request),
            Call::ListJobs(place) => self.list_jobs(place, request),
            Call::GetJob(name) => self.get_job(name),
            Call::PatchJob(name) => self.patch_job(name, request),
            Call::DeleteJob(name) => self.delete_job(name, request),
            Call::GetOperation(place, id) => self.get_operation(place, id),
            Call::ListOperations(place) => self.list_operations(place, request),
            Call::DeleteOperation(place, id) => self.delete_operation(place, id),
            Call::WaitOperation(place, id) => self.wait_operation(place, id, request).await,
            _ => Err(Problem::new(501, "UNIMPLEMENTED", "Method not found.")),
        }
    }

    /// Demands a token, as every method does.
    fn admit(&self, call: &Call, request: &Request) -> Result<(), Problem> {
        let header = request
            .header("authorization")
            .and_then(|value| value.strip_prefix("Bearer "));
        let token = header
            .or_else(|| request.parameter("access_token"))
            .map(str::trim);
        let metadata = serde_json::json!({ "service": "run.googleapis.com", "method": call.rpc() });
        match (token.filter(|token| !token.is_empty()), &self.config.token) {
            (Some(token), Some(only)) if token != only => Err(Problem::new(
                401,
                "UNAUTHENTICATED",
                format!("Request had invalid authentication {AUTH_HELP}"),
            )
            .because("ACCESS_TOKEN_EXPIRED", "googleapis.com", metadata)),
            (Some(_), _) => Ok(()),
            (None, _) => Err(Problem::new(
                401,
                "UNAUTHENTICATED",
                format!("Request is missing required authentication {AUTH_HELP}"),
            )
            .because("CREDENTIALS_MISSING", "googleapis.com", metadata)),
        }
    }
}

/// Any project will do; a location has to look like a region.
fn check_place(place: &Place) -> Result<(), Problem> {
    let location = &place.location;
    let looks_right = location.split_once('-').is_some_and(|(area, rest)| {
        area.bytes().all(|byte| byte.is_ascii_lowercase())
            && rest.trim_end_matches(|digit: char| digit.is_ascii_digit()).len() < rest.len()
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    });
    if looks_right {
        return Ok(());
    }
    Err(Problem::new(
        403,
        "PERMISSION_DENIED",
        format!("Permission denied on 'locations/{location}' (or it may not exist)."),
    ))
}

const AUTH_HELP: &str = "credential. Expected OAuth 2 access token, login cookie or other valid authentication \
     credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.";
