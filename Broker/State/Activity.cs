namespace ClawEvents.Broker.State;

/// <summary>The activity since the last report.</summary>
/// <param name="Messages">Publications of agents, apps, anonymous connections and timers.</param>
/// <param name="UnixMinute">The minute to count them in: Unix time in whole minutes.</param>
/// <param name="Senders">Principals that published or asked for access and were not reported yet.</param>
internal readonly record struct ActivityReport(long Messages, long UnixMinute, IReadOnlyCollection<string> Senders);

/// <summary>Numbers of published messages.</summary>
/// <param name="Total">Since the store was created.</param>
internal readonly record struct MessageCounts(long Total, long InMinute);
