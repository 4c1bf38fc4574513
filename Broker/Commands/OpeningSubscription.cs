using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands;

/// <summary>A subscription that has joined the hub, before its client has had a reply.</summary>
/// <param name="Result">The content of the reply with which it begins.</param>
internal readonly record struct OpeningSubscription(Subscription Subscription, SubscribeResult Result);
