using System.Diagnostics;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Telemetry;

/// <summary>The spans of a publication: publish, permission, engine, bus, fan-out. docs/reference/traces.md</summary>
/// <remarks>Thread-safe. Without a collector each call costs one comparison and returns null. A step is traced when the publish is.</remarks>
internal static class PublishTrace
{
    public const string SourceName = "ClawEvents.Broker";

    /// <summary>ASP.NET's spans of HTTP requests, which take up the caller's W3C context.</summary>
    public const string HttpSourceName = "Microsoft.AspNetCore";

    private static readonly ActivitySource Source = new(SourceName, BrokerVersion.Number);

    /// <summary>The context of the step that runs now, to be sent along with the publication.</summary>
    /// <returns>Empty: it is not traced.</returns>
    public static string Context => Source.HasListeners() && Activity.Current is { Recorded: true, Id: { } id } ? id : "";

    /// <summary>A publish, from the door to its acknowledgement.</summary>
    public static Activity? Publish(ChannelName channel) => Source.HasListeners() ? Start("publish", ActivityKind.Server, default, channel) : null;

    /// <summary>A step of what runs now: <c>permission</c>, <c>engine</c> or <c>fan-out</c>.</summary>
    public static Activity? Step(string name) => Source.HasListeners() && Activity.Current is { Recorded: true } ? Source.StartActivity(name) : null;

    /// <summary>A publication that has come over the bus.</summary>
    /// <param name="context">As <see cref="Context"/> was on the node that sent it; untrusted.</param>
    public static Activity? Heard(string context, ChannelName channel) =>
        context.Length > 0 && Source.HasListeners() && ActivityContext.TryParse(context, null, isRemote: true, out var parent)
            ? Start("bus", ActivityKind.Consumer, parent, channel)
            : null;

    /// <summary>The delivery of a publication by a reactor.</summary>
    /// <param name="parent">The fan-out.</param>
    public static Activity? Deliver(Activity? parent) => parent is null ? null : Source.StartActivity("deliver", ActivityKind.Internal, parent.Context);

    private static Activity? Start(string name, ActivityKind kind, ActivityContext parent, ChannelName channel) =>
        Source.StartActivity(name, kind, parent)?.SetTag("messaging.system", "clawevents").SetTag("messaging.destination.name", channel.Value);
}
