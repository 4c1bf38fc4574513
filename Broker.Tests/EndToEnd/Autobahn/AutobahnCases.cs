namespace ClawEvents.Broker.Tests.EndToEnd.Autobahn;

/// <summary>All cases, in the suite's order. The suite has no categories 8 and 11 any more.</summary>
internal static class AutobahnCases
{
    public static IReadOnlyList<AutobahnCase> All { get; } =
        [.. FramingCases.All(), .. Utf8Cases.All(), .. CloseCases.All(), .. LimitCases.All(), .. CompressionCases.All()];
}
