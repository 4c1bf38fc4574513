using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Redis.Hearing;

namespace ClawEvents.Broker.Redis;

/// <summary>Signs in to a Redis once, at the start, to distinguish a wrong setting from an unavailable server.</summary>
/// <remarks>Not by the client library, which treats a refused password as a lost connection and retries it for ever.</remarks>
internal static class RedisProbe
{
    /// <summary>Completes also when there is no answer in time, which may resolve itself.</summary>
    /// <exception cref="StoreRefusedException">Password, database or certificate are wrong, or the server is not Redis, or too old.</exception>
    public static async Task CheckAsync(RedisAddress address, RedisEndpoint endpoint, CancellationToken cancellation)
    {
        try
        {
            await (await RedisDial.OpenAsync(address, endpoint, pushes: null, cancellation)).DisposeAsync();
        }
        catch (StoreUnavailableException exception) when (exception.InnerException is InvalidDataException)
        {
            throw new StoreRefusedException($"the server at {address} is not Redis", exception);
        }
        catch (StoreUnavailableException)
        {
            // The connection reports this to every caller, and works as soon as the server does.
        }
    }
}
