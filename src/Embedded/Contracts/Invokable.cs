using System.Reflection;

namespace Orleans.Serialization.Invocation;

/// <summary>A call's method and arguments.</summary>
public interface IInvokable
{
    int GetArgumentCount();

    object? GetArgument(int index);

    string GetMethodName();

    string GetInterfaceName();

    MethodInfo GetMethod();

    Type GetInterfaceType();
}
