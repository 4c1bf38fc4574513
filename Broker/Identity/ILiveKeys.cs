namespace ClawEvents.Broker.Identity;

/// <summary>Knows the one live key of each agent and app.</summary>
internal interface ILiveKeys
{
    /// <param name="principal">An agent's name, or <c>app:&lt;name&gt;</c>.</param>
    /// <param name="keyHash">SHA-256 of a token, in lower-case hexadecimal.</param>
    /// <returns>False also when the principal has no key.</returns>
    /// <remarks>Thread-safe. Hot path: asked for every request that brings a key.</remarks>
    ValueTask<bool> IsLiveAsync(string principal, string keyHash);
}
