using System.Text.Json;

namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>Reads the claims that one kind of token has.</summary>
/// <typeparam name="T">The result: immutable, as all clients with the same token share it.</typeparam>
internal interface ITokenReader<T>
{
    /// <param name="claims">A JSON object, valid during this call only.</param>
    /// <param name="owner">Read from the claim that names the user.</param>
    /// <returns>False when a claim is missing or of the wrong type: the whole token is invalid then.</returns>
    /// <exception cref="InvalidOperationException">A claim's text has half a surrogate pair: the token is invalid.</exception>
    bool TryRead(JsonElement claims, TokenOwner owner, out T content);
}
