//! A TCP relay between the provider and a server. Tests inject network faults with it and count connections.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// A running relay. Dropping it stops the relay.
pub(crate) struct TcpRelay {
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// How the relay treats connections and their data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FaultMode {
    /// Everything is forwarded.
    None,
    /// New connections are refused and open ones are closed.
    Refuse,
    /// Connections are accepted, but all data is dropped.
    BlackHole,
    /// The relay has stopped.
    Stopped,
}

struct Shared {
    target: String,
    state: Mutex<State>,
}

struct State {
    fault_mode: FaultMode,
    /// Both ends of each open connection, by its number.
    open: BTreeMap<usize, (TcpStream, TcpStream)>,
    /// Data of connections up to this number is dropped.
    last_dropped: usize,
    accepted: usize,
    max_open: usize,
}

impl TcpRelay {
    /// A relay to a host and port; a leading `http://` is ignored.
    pub(crate) fn new(target: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let shared = Arc::new(Shared {
            target: target.trim_start_matches("http://").to_owned(),
            state: Mutex::new(State {
                fault_mode: FaultMode::None,
                open: BTreeMap::new(),
                last_dropped: 0,
                accepted: 0,
                max_open: 0,
            }),
        });
        let server = Arc::clone(&shared);
        thread::spawn(move || serve(listener, &server));
        Self { address, shared }
    }

    /// The value for `cloud_run_endpoint`.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}/v2/", self.address)
    }

    /// The port that it listens on.
    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Drops all further data of the open connections without closing them, as a router does that lost its state. New
    /// connections work.
    pub(crate) fn drop_open_connections(&self) {
        let mut state = self.shared.state();
        state.last_dropped = state.accepted;
    }

    /// Sets the fault mode and waits until it is in effect.
    pub(crate) fn set_fault_mode(&self, fault_mode: FaultMode) {
        let mut state = self.shared.state();
        state.fault_mode = fault_mode;
        if matches!(fault_mode, FaultMode::Refuse | FaultMode::Stopped) {
            for (one, other) in std::mem::take(&mut state.open).into_values() {
                let _ = one.shutdown(Shutdown::Both);
                let _ = other.shutdown(Shutdown::Both);
            }
        }
        drop(state);
        let refused = || TcpStream::connect(self.address).is_err();
        while fault_mode == FaultMode::Refuse && !refused() || fault_mode == FaultMode::None && refused() {
            thread::sleep(TICK);
        }
    }

    /// The number of accepted connections, and the largest number open at the same time.
    pub(crate) fn connections(&self) -> (usize, usize) {
        let state = self.shared.state();
        (state.accepted, state.max_open)
    }
}

impl Drop for TcpRelay {
    fn drop(&mut self) {
        self.set_fault_mode(FaultMode::Stopped);
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fault_mode(&self) -> FaultMode {
        self.state().fault_mode
    }
}

/// Accepts connections. Refusing them requires closing the listener.
fn serve(listener: TcpListener, shared: &Arc<Shared>) {
    let address = listener.local_addr().expect("a bound listener has an address");
    let mut open_listener = Some(listener);
    loop {
        match shared.fault_mode() {
            FaultMode::Stopped => return,
            FaultMode::Refuse => open_listener = None,
            FaultMode::None | FaultMode::BlackHole => {
                let listener = open_listener
                    .get_or_insert_with(|| TcpListener::bind(address).expect("the port is still free"));
                listener.set_nonblocking(true).expect("a listener need not block");
                while let Ok((client, _)) = listener.accept() {
                    accept(client, shared);
                }
            }
        }
        thread::sleep(TICK);
    }
}

fn accept(client: TcpStream, shared: &Arc<Shared>) {
    let Ok(server) = TcpStream::connect(&shared.target) else {
        return;
    };
    let configure = |stream: &TcpStream| {
        let _ = stream.set_nonblocking(false);
        let _ = stream.set_nodelay(true);
        stream.try_clone().expect("a stream can be duplicated")
    };
    let ends = (configure(&client), configure(&server));
    let mut state = shared.state();
    state.accepted += 1;
    let number = state.accepted;
    state.open.insert(number, ends);
    state.max_open = state.max_open.max(state.open.len());
    drop(state);
    let (to_server, to_client) = ((configure(&client), configure(&server)), (server, client));
    for (from, to) in [to_server, to_client] {
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            forward(number, from, to, &shared);
            shared.state().open.remove(&number);
        });
    }
}

/// Forwards one direction until either end closes.
fn forward(number: usize, mut from: TcpStream, mut to: TcpStream, shared: &Shared) {
    let mut buffer = [0; 16 << 10];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        let state = shared.state();
        let dropped = state.fault_mode == FaultMode::BlackHole || number <= state.last_dropped;
        drop(state);
        if !dropped && to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

/// Interval for polling the fault mode and new connections.
const TICK: Duration = Duration::from_millis(2);
