using ClawEvents.Broker.Limits;

namespace ClawEvents.Broker.Api;

/// <summary>Refuses requests of an address that has used up its share, with 429. docs/reference/settings.md#limits-per-address</summary>
internal sealed class AddressGuard(AddressLimits limits, TrustedProxies proxies)
{
    /// <summary>Requests of the login paths.</summary>
    public RequestDelegate SignIn(RequestDelegate answer) => Guard(limits.SignIns, "sign-ins", answer);

    /// <summary>Requests for access.</summary>
    public RequestDelegate AccessRequest(RequestDelegate answer) => Guard(limits.AccessRequests, "access requests", answer);

    /// <summary>Requests that read advertisements.</summary>
    public RequestDelegate Search(RequestDelegate answer) => Guard(limits.Searches, "requests for advertisements", answer);

    private RequestDelegate Guard(AddressBuckets buckets, string what, RequestDelegate answer) => context =>
        buckets.TryTake(proxies.ClientOf(context), out var wait) ? answer(context) : ApiError.TooMany($"too many {what} from this address", wait).WriteAsync(context.Response);
}
