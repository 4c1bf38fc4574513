namespace ClawEvents.Broker.Api;

/// <summary>A group of HTTP endpoints.</summary>
internal interface IApi
{
    /// <summary>Maps the group's paths, those that the settings switch on.</summary>
    void Map(IEndpointRouteBuilder endpoints);
}
