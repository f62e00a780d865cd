// The one unit that Asio itself is compiled in.
#include <boost/asio/impl/src.hpp>
