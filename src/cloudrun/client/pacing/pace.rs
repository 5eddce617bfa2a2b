//! When a write may go, by what Google answered to the earlier ones. Pure: the time comes in.
//!
//! Until something is refused, everything goes. Then the gate is shut, and opened by a single write that asks whether
//! there is quota again; the others follow, as many at a time as the last opening took. Google's windows have a rhythm:
//! when they began is known within bounds, of which each answer moves one, and so is how long they are.

use super::rhythm::Rhythm;

/// Seconds since the gate was made.
pub(super) type Moment = f64;

/// How writes go at the moment.
#[derive(Debug, Default)]
pub(super) struct Pace {
    phase: Phase,
    /// How often it was shut: what was sent before tells nothing of the time after.
    shuts: u64,
    /// Writes that have gone since it was opened and have no answer yet.
    on_the_way: usize,
    /// Those that Google has taken since then.
    taken: usize,
    /// How many it took the last time, from the opening to the first refusal.
    expected: usize,
    /// How many may be on their way beyond what is expected.
    most: usize,
    rhythm: Rhythm,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Phase {
    /// Nothing has been refused.
    #[default]
    Free,
    Shut {
        since: Moment,
        until: Moment,
    },
    /// One write is asking.
    Asking {
        since: Moment,
    },
    Open,
}

/// What a write may do now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Leave {
    Go(Sent),
    /// It asks again at that time, if nothing has happened before.
    WaitUntil(Moment),
    /// Until there is an answer to one of those before it.
    WaitForAnswer,
}

/// When a write was let go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sent {
    at: Moment,
    shuts: u64,
}

/// What the answer to a write says of the quota.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Answered {
    /// There was quota for it.
    Taken,
    /// There was none. Perhaps it says how many seconds to wait.
    Refused(Option<f64>),
    /// Nothing.
    Nothing,
}

/// What an answer has changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Turned {
    /// No write goes until that time.
    Shut(Moment),
    /// Still none.
    StillShut(Moment),
    Opened,
    None,
}

impl Pace {
    /// Whether the write whose turn it is may go.
    pub(super) fn ask(&mut self, now: Moment) -> Leave {
        let may_go = match self.phase {
            Phase::Free => true,
            Phase::Shut { until, .. } if now < until => return Leave::WaitUntil(until),
            Phase::Shut { since, .. } => {
                self.phase = Phase::Asking { since };
                true
            }
            Phase::Asking { .. } => false,
            Phase::Open => self.on_the_way < self.room(),
        };
        if !may_go {
            return Leave::WaitForAnswer;
        }
        self.on_the_way += 1;
        Leave::Go(Sent {
            at: now,
            shuts: self.shuts,
        })
    }

    /// Whether a write that was let go, and has not gone yet, still may.
    pub(super) fn holds(&self, sent: Sent) -> bool {
        sent.shuts == self.shuts
    }

    /// Learns from an answer.
    pub(super) fn learn(&mut self, sent: Sent, answered: Answered, now: Moment) -> Turned {
        if !self.holds(sent) {
            // It was on its way when the gate was shut.
            self.expected += usize::from(answered == Answered::Taken);
            return Turned::None;
        }
        self.on_the_way = self.on_the_way.saturating_sub(1);
        match (self.phase, answered) {
            (Phase::Free | Phase::Open, Answered::Refused(told)) => self.shut(told, (sent.at, now)),
            (Phase::Asking { since }, Answered::Refused(told)) => {
                let until = self.rhythm.again(since, told, (sent.at, now));
                self.phase = Phase::Shut { since, until };
                Turned::StillShut(until)
            }
            (Phase::Asking { since }, Answered::Nothing) => {
                self.phase = Phase::Shut { since, until: now };
                Turned::None
            }
            (Phase::Asking { since }, Answered::Taken) => {
                self.rhythm.opened(since, now);
                (self.phase, self.taken, self.most) = (Phase::Open, 1, 1);
                Turned::Opened
            }
            (Phase::Free, Answered::Taken) => {
                self.taken += 1;
                Turned::None
            }
            (Phase::Open, Answered::Taken) => {
                self.taken += 1;
                // Beyond what is expected they are felt for: ever more at a time, as long as nothing is refused.
                if self.taken > self.expected {
                    self.most = (self.most + 1).min(MOST);
                }
                Turned::None
            }
            _ => Turned::None,
        }
    }

    fn shut(&mut self, told: Option<f64>, (sent, now): (Moment, Moment)) -> Turned {
        // Of what went before the first refusal nobody knows in how many windows it was.
        self.expected = if self.phase == Phase::Open {
            self.taken
        } else {
            (self.taken / 2).min(MOST)
        };
        self.shuts += 1;
        self.on_the_way = 0;
        let until = self.rhythm.shut(told, (sent, now));
        self.phase = Phase::Shut { since: now, until };
        Turned::Shut(until)
    }

    /// How many may be on their way.
    fn room(&self) -> usize {
        let expected = self.expected.saturating_sub(self.taken);
        let at_a_time = (self.expected).clamp(FEW, MOST);
        match expected.min(at_a_time) {
            0 => self.most.min(FEW.max(self.taken / 8)),
            some => some,
        }
    }
}

/// At least so many at a time when they are expected to be taken.
const FEW: usize = 8;
/// More are never on their way at a time.
const MOST: usize = 100;
