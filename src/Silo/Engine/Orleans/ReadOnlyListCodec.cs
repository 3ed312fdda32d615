using System.Buffers;
using System.Collections;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization.Buffers;
using Orleans.Serialization.Cloning;
using Orleans.Serialization.Codecs;
using Orleans.Serialization.Serializers;
using Orleans.Serialization.WireProtocol;

namespace Grid.Silo.Engine;

/// <summary>
/// Sends the lists that the C# compiler makes of collection expressions (<c>IReadOnlyList&lt;T&gt; x = [..]</c>) as the arrays they are:
/// their own types have no codec, and are each assembly's own.
/// </summary>
internal sealed class ReadOnlyListCodec(IServiceProvider services) : IGeneralizedCodec, IGeneralizedCopier
{
    private readonly Lazy<ICodecProvider> _codecs = new(services.GetRequiredService<ICodecProvider>);

    public bool IsSupportedType(Type type) =>
        type is { IsGenericType: true, IsArray: false } && type.Name.StartsWith("<>z__ReadOnly", StringComparison.Ordinal) && type.IsAssignableTo(typeof(ICollection));

    public void WriteField<TBufferWriter>(ref Writer<TBufferWriter> writer, uint fieldIdDelta, Type? expectedType, object? value)
        where TBufferWriter : IBufferWriter<byte>
    {
        if (value is null)
        {
            ReferenceCodec.WriteNullReference(ref writer, fieldIdDelta);
            return;
        }

        var array = ArrayOf(value);
        _codecs.Value.GetCodec(array.GetType()).WriteField(ref writer, fieldIdDelta, expectedType!, array);
    }

    /// <summary>Not called: what is on the wire is an array.</summary>
    public object ReadValue<TInput>(ref Reader<TInput> reader, Field field) => throw new NotSupportedException("A compiler-made list is sent as an array.");

    public object? DeepCopy(object? input, CopyContext context)
    {
        if (input is null) return null;
        var array = ArrayOf(input);
        return _codecs.Value.GetDeepCopier(array.GetType()).DeepCopy(array, context);
    }

    private static Array ArrayOf(object list)
    {
        var items = (ICollection)list;
        var array = Array.CreateInstance(list.GetType().GetGenericArguments()[0], items.Count);
        items.CopyTo(array, 0);
        return array;
    }
}
