//! The network between the provider and whoever stands for Google: a relay on a port of its own, which a story can break and
//! mend, and which counts the connections that go through it.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::Emulator;

/// A running relay, ended with the value that stands for it.
pub(crate) struct Relay {
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// What becomes of connections and of what they carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weather {
    /// All goes through.
    Fair,
    /// Nobody listens: new connections are refused, those that were open are cut.
    Away,
    /// A black hole: connections are taken, and nothing ever comes out of them again.
    Swallowing,
    /// The test is over.
    Ended,
}

struct Shared {
    target: String,
    state: Mutex<State>,
}

struct State {
    weather: Weather,
    /// Both ends of each connection that is open, by its number.
    open: BTreeMap<usize, (TcpStream, TcpStream)>,
    /// The number of the last one that is forgotten.
    dead: usize,
    taken: usize,
    most_at_once: usize,
}

impl Relay {
    /// A relay to an emulator, in fair weather.
    pub(crate) fn to(emulator: &Emulator) -> Self {
        Self::before(emulator.address().trim_start_matches("http://"))
    }

    /// A relay to a host and port.
    pub(crate) fn before(target: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let shared = Arc::new(Shared {
            target: target.to_owned(),
            state: Mutex::new(State {
                weather: Weather::Fair,
                open: BTreeMap::new(),
                dead: 0,
                taken: 0,
                most_at_once: 0,
            }),
        });
        let serving = Arc::clone(&shared);
        thread::spawn(move || serve(listener, &serving));
        Self { address, shared }
    }

    /// What the provider takes as `cloud_run_endpoint`.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}/v2/", self.address)
    }

    /// The port that it listens on.
    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Whatever is sent over the connections that are open now is lost from here on, and nobody is told: so does a
    /// router that has forgotten them while one end slept. New connections are fine.
    pub(crate) fn forget_connections(&self) {
        let mut state = self.shared.state();
        state.dead = state.taken;
    }

    /// Changes the weather, and waits until it is felt.
    pub(crate) fn weather(&self, weather: Weather) {
        let mut state = self.shared.state();
        state.weather = weather;
        if matches!(weather, Weather::Away | Weather::Ended) {
            for (one, other) in std::mem::take(&mut state.open).into_values() {
                let _ = one.shutdown(Shutdown::Both);
                let _ = other.shutdown(Shutdown::Both);
            }
        }
        drop(state);
        let refused = || TcpStream::connect(self.address).is_err();
        while weather == Weather::Away && !refused() || weather == Weather::Fair && refused() {
            thread::sleep(TICK);
        }
    }

    /// How many connections were taken so far, and how many there were at most at the same time.
    pub(crate) fn connections(&self) -> (usize, usize) {
        let state = self.shared.state();
        (state.taken, state.most_at_once)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.weather(Weather::Ended);
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn weather(&self) -> Weather {
        self.state().weather
    }
}

/// Listens as the weather allows: a port is refused only while nobody listens on it.
fn serve(listener: TcpListener, shared: &Arc<Shared>) {
    let address = listener.local_addr().expect("a bound listener has an address");
    let mut listening = Some(listener);
    loop {
        match shared.weather() {
            Weather::Ended => return,
            Weather::Away => listening = None,
            Weather::Fair | Weather::Swallowing => {
                let listener = listening
                    .get_or_insert_with(|| TcpListener::bind(address).expect("the port is still ours"));
                listener.set_nonblocking(true).expect("a listener need not block");
                while let Ok((client, _)) = listener.accept() {
                    take(client, shared);
                }
            }
        }
        thread::sleep(TICK);
    }
}

fn take(client: TcpStream, shared: &Arc<Shared>) {
    let Ok(server) = TcpStream::connect(&shared.target) else {
        return;
    };
    let both = |stream: &TcpStream| {
        let _ = stream.set_nonblocking(false);
        let _ = stream.set_nodelay(true);
        stream.try_clone().expect("a stream can be cloned")
    };
    let ends = (both(&client), both(&server));
    let mut state = shared.state();
    state.taken += 1;
    let number = state.taken;
    state.open.insert(number, ends);
    state.most_at_once = state.most_at_once.max(state.open.len());
    drop(state);
    let (to_server, to_client) = ((both(&client), both(&server)), (server, client));
    for (from, to) in [to_server, to_client] {
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            carry(number, from, to, &shared);
            shared.state().open.remove(&number);
        });
    }
}

/// Carries one direction until either end closes. What comes in a black hole is lost.
fn carry(number: usize, mut from: TcpStream, mut to: TcpStream, shared: &Shared) {
    let mut buffer = [0; 16 << 10];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        let state = shared.state();
        let lost = state.weather == Weather::Swallowing || number <= state.dead;
        drop(state);
        if !lost && to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

/// How often the relay looks at the weather.
const TICK: Duration = Duration::from_millis(2);
