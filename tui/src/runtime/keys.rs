//! The terminal's keys, read on a thread of their own: where a terminal hangs up, crossterm's reader may turn for ever, and
//! the session must end all the same.

use std::io;
use std::thread;

use crossterm::event::{Event, EventStream};
use futures::StreamExt as _;
use tokio::sync::{mpsc, oneshot};

/// Keys that may wait to be handled; when there are more, the reader waits.
const WAITING: usize = 256;

pub(super) struct Keys {
    events: mpsc::Receiver<Event>,
    /// Asks the reader to let go of the terminal, or to take it again.
    orders: mpsc::Sender<oneshot::Sender<()>>,
}

impl Keys {
    pub(super) fn listen() -> io::Result<Self> {
        let (sender, events) = mpsc::channel(WAITING);
        let (orders, receiver) = mpsc::channel(1);
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        thread::Builder::new().name("keys".into()).spawn(move || runtime.block_on(read(sender, receiver)))?;
        Ok(Self { events, orders })
    }

    /// The next event; none where the terminal is gone.
    pub(super) async fn next(&mut self) -> Option<Event> {
        self.events.recv().await
    }

    /// What was pressed already.
    pub(super) fn waiting(&mut self) -> Option<Event> {
        self.events.try_recv().ok()
    }

    /// Lets go of the terminal, so that another program may read it.
    pub(super) async fn pause(&self) {
        self.order().await;
    }

    pub(super) async fn go_on(&self) {
        self.order().await;
    }

    async fn order(&self) {
        let (done, obeyed) = oneshot::channel();
        // A reader that is gone holds nothing.
        if self.orders.send(done).await.is_ok() {
            let _ = obeyed.await;
        }
    }
}

async fn read(events: mpsc::Sender<Event>, mut orders: mpsc::Receiver<oneshot::Sender<()>>) {
    let mut stream = EventStream::new();
    loop {
        tokio::select! {
            event = stream.next() => {
                let Some(Ok(event)) = event else { return };
                if events.send(event).await.is_err() {
                    return;
                }
            }
            order = orders.recv() => {
                let Some(done) = order else { return };
                drop(stream);
                let _ = done.send(());
                let Some(done) = orders.recv().await else { return };
                stream = EventStream::new();
                let _ = done.send(());
            }
        }
    }
}
