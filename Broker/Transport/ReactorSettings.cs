namespace ClawEvents.Broker.Transport;

/// <summary>What the reactors of a process share.</summary>
/// <param name="Count">Reactors; at least 1.</param>
/// <param name="MaxPipeBytes">The bytes that a pipe to HTTP holds before the socket is read no further: it has to hold the longest frame.</param>
/// <param name="Gate">Counts sockets.</param>
/// <param name="Time">For the limits of closing sockets.</param>
/// <param name="Logger">For what fails.</param>
/// <param name="Died">Called with the index of a reactor whose loop has failed, on its thread: the process has to end.</param>
/// <param name="Watch">Told of each pass that has emptied a mailbox; null: nobody.</param>
internal sealed record ReactorSettings(int Count, int MaxPipeBytes, SocketGate Gate, TimeProvider Time, ILogger<Reactor> Logger, Action<int, Exception> Died, IReactorWatch? Watch = null);
