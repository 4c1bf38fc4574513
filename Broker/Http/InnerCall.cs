namespace ClawEvents.Broker.Http;

/// <summary>Marks a request that the broker makes to itself, in the name of a caller: paths that are off for strangers answer it. No request from
/// outside can have it.</summary>
internal sealed class InnerCall
{
    private InnerCall()
    {
    }

    /// <summary>The mark.</summary>
    public static InnerCall Mark { get; } = new();
}

internal static class InnerCallExtensions
{
    /// <summary>Whether the broker itself asks.</summary>
    public static bool IsInner(this HttpContext context) => context.Features.Get<InnerCall>() is not null;
}
