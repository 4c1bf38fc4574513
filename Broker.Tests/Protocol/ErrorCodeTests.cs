using System.Buffers;
using System.Reflection;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Protocol;

internal sealed class ErrorCodeTests
{
    // The numbers of the protocol; 403 and others are the broker's own.
    private static readonly ErrorCode[] Known =
    [
        .. from field in typeof(ErrorCode).GetFields(BindingFlags.Public | BindingFlags.Static)
           let error = (ErrorCode)field.GetValue(null)!
           where error.Code is >= 100 and < 200
           orderby error.Code
           select error,
    ];

    [Test]
    [Checklist(137)]
    public void Each_error_is_written_with_its_message_and_whether_a_retry_can_help() =>
        Assert.That(Known.Select(Written), Is.EqualTo(new[]
        {
            """{"id":2,"error":{"code":100,"message":"internal server error","temporary":true}}""",
            """{"id":2,"error":{"code":102,"message":"unknown channel"}}""",
            """{"id":2,"error":{"code":103,"message":"permission denied"}}""",
            """{"id":2,"error":{"code":104,"message":"method not found"}}""",
            """{"id":2,"error":{"code":105,"message":"already subscribed"}}""",
            """{"id":2,"error":{"code":106,"message":"limit exceeded"}}""",
            """{"id":2,"error":{"code":107,"message":"bad request"}}""",
            """{"id":2,"error":{"code":108,"message":"not available"}}""",
            """{"id":2,"error":{"code":109,"message":"token expired"}}""",
            """{"id":2,"error":{"code":110,"message":"expired"}}""",
            """{"id":2,"error":{"code":111,"message":"too many requests","temporary":true}}""",
            """{"id":2,"error":{"code":112,"message":"unrecoverable position"}}""",
        }));

    private static string Written(ErrorCode error)
    {
        var output = new ArrayBufferWriter<byte>();
        MessageCodec.Json.WriteError(output, 2, error);
        return output.Text();
    }
}
