using System.Globalization;
using ClawEvents.Broker.Http.Description;

namespace ClawEvents.Broker.Api;

/// <summary>The requested part of a long list: <c>?offset=0&amp;limit=1000</c>.</summary>
/// <param name="Offset">The number of items to skip.</param>
/// <param name="Limit">The maximum number of items, 1 to <see cref="MaxLimit"/>.</param>
internal readonly record struct PageQuery(int Offset, int Limit)
{
    public const int MaxLimit = 1000;

    /// <summary>The two parameters, for the API's description.</summary>
    public static IReadOnlyList<ApiField> Fields { get; } =
    [
        ApiField.Number("offset", "number of items to skip").Optional(),
        ApiField.Number("limit", $"maximum number of items, 1 to {MaxLimit}").Optional(),
    ];

    /// <returns>Null after a 400 has been written.</returns>
    public static async ValueTask<PageQuery?> ReadAsync(HttpContext context)
    {
        if (TryRead(context.Request.Query["offset"], 0, int.MaxValue, 0, out var offset)
            && TryRead(context.Request.Query["limit"], 1, MaxLimit, MaxLimit, out var limit))
        {
            return new PageQuery(offset, limit);
        }

        await ApiError.BadRequest($"offset must be a number from 0, and limit a number from 1 to {MaxLimit}").WriteAsync(context.Response);
        return null;
    }

    private static bool TryRead(string? text, int least, int most, int fallback, out int number)
    {
        number = fallback;
        return text is null || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least && number <= most);
    }
}
