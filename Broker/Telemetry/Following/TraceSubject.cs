namespace ClawEvents.Broker.Telemetry.Following;

/// <summary>Whom or what an operator follows.</summary>
/// <param name="IsUser">The name is a user's, empty for clients without one; otherwise a channel's.</param>
internal sealed record TraceSubject(bool IsUser, string Name)
{
    public bool Matches(in TraceEvent what) => IsUser ? what.User == Name : what.Channel == Name;
}
